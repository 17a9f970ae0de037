//! What a node was brought up with: the environment of its container, so that it lasts and the agent can read it.

use crate::api::net::Cidr;

/// The settings of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The node's name.
    pub node: String,
    /// The image of node, sandboxes and publishers.
    pub image: String,
    /// The subnet of its network.
    pub subnet: Cidr,
    /// The host's address for published ports that name none; empty for all.
    pub bind: String,
    /// The host's port of the ingress for HTTP.
    pub http: u16,
    /// The host's port of the ingress for HTTPS.
    pub https: u16,
    /// The image of the ingress, if not the usual one.
    pub ingress_image: Option<String>,
    /// Unsafe kernel parameters that pods may set; `*` at the end stands for all that begin so.
    pub sysctls: Vec<String>,
}

impl Settings {
    /// Reads the settings from the environment of a node container.
    ///
    /// # Errors
    /// If a variable is missing or can't be understood: then this is no node container of wharf's.
    pub fn from_env(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let get = |name: &str| env(name).ok_or_else(|| format!("{name} is not set"));
        let port = |name: &str| get(name)?.parse().map_err(|_| format!("{name} is not a port"));
        Ok(Self {
            node: get("WHARF_NODE")?,
            image: get("WHARF_IMAGE")?,
            subnet: get("WHARF_SUBNET")?.parse()?,
            bind: env("WHARF_BIND").unwrap_or_default(),
            http: port("WHARF_INGRESS_HTTP")?,
            https: port("WHARF_INGRESS_HTTPS")?,
            ingress_image: env("WHARF_INGRESS_IMAGE"),
            sysctls: env("WHARF_SYSCTLS").iter().flat_map(|all| all.split(',')).map(str::to_owned).collect(),
        })
    }

    /// The same as `NAME=value`.
    pub(super) fn to_env(&self) -> Vec<String> {
        let mut env = vec![
            format!("WHARF_NODE={}", self.node),
            format!("WHARF_IMAGE={}", self.image),
            format!("WHARF_SUBNET={}", self.subnet),
            format!("WHARF_BIND={}", self.bind),
            format!("WHARF_INGRESS_HTTP={}", self.http),
            format!("WHARF_INGRESS_HTTPS={}", self.https),
        ];
        env.extend(self.ingress_image.as_ref().map(|image| format!("WHARF_INGRESS_IMAGE={image}")));
        if !self.sysctls.is_empty() {
            env.push(format!("WHARF_SYSCTLS={}", self.sysctls.join(",")));
        }
        env
    }

    /// Reads them from `NAME=value`.
    pub(super) fn from_pairs(pairs: &[String]) -> Result<Self, String> {
        Self::from_env(&|name| {
            let value = |pair: &String| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
            pairs.iter().find_map(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_keeps_them() {
        let settings = Settings {
            node: "a".to_owned(),
            image: "wharf:1".to_owned(),
            subnet: "10.64.0.0/16".parse().unwrap(),
            bind: "127.0.0.1".to_owned(),
            http: 80,
            https: 8443,
            ingress_image: Some("nginx:1".to_owned()),
            sysctls: vec!["kernel.msg*".to_owned(), "net.core.somaxconn".to_owned()],
        };
        assert_eq!(Settings::from_pairs(&settings.to_env()), Ok(settings.clone()));
        let usual = Settings { ingress_image: None, sysctls: Vec::new(), bind: String::new(), ..settings };
        assert_eq!(Settings::from_pairs(&usual.to_env()), Ok(usual));
        assert_eq!(Settings::from_pairs(&[]), Err("WHARF_NODE is not set".to_owned()));
    }
}
