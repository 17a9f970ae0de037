//! What a user may set of the ingress.

/// Settings of the ingress of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The host's port for HTTP.
    pub http_port: u16,
    /// The host's port for HTTPS.
    pub https_port: u16,
    /// nginx's image.
    pub image: String,
}

impl Default for Config {
    fn default() -> Self {
        Self { http_port: 80, https_port: 443, image: "nginx:1.27".to_owned() }
    }
}
