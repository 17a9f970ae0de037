//! A connection to a Docker engine, with the API version that both sides know.

use bollard::{API_DEFAULT_VERSION, Docker};

use super::endpoint::Endpoint;
use super::error::Error;

/// The seconds after which an engine that says nothing is taken for dead.
const PATIENCE: u64 = 120;

/// A Docker host.
#[derive(Clone)]
pub struct Host {
    pub(super) client: Docker,
    pub(super) endpoint: Endpoint,
}

impl Host {
    /// Connects to the engine that environment and Docker's configuration name, and agrees on an API version.
    ///
    /// # Errors
    /// If the settings are wrong, or the engine does not answer or is older than API 1.41.
    pub async fn connect() -> Result<Self, Error> {
        let endpoint = Endpoint::find(&|name| std::env::var(name).ok())?;
        let far = |source: bollard::errors::Error| Error::Unreachable {
            endpoint: endpoint.to_string(),
            source: Box::new(source),
        };
        let client = open(&endpoint).map_err(far)?.negotiate_version().await.map_err(far)?;
        let version = client.client_version();
        if (version.major_version, version.minor_version) < (1, 41) {
            let version = format!("{}.{}", version.major_version, version.minor_version);
            return Err(Error::TooOld { endpoint: endpoint.to_string(), version });
        }
        Ok(Self { client, endpoint })
    }

    /// Whether the engine knows what came with this version of its API, 1.`minor`.
    pub(super) fn knows(&self, minor: usize) -> bool {
        self.client.client_version().minor_version >= minor
    }
}

fn open(endpoint: &Endpoint) -> Result<Docker, bollard::errors::Error> {
    match endpoint {
        Endpoint::Unix(path) => Docker::connect_with_unix(&path.to_string_lossy(), PATIENCE, API_DEFAULT_VERSION),
        Endpoint::Tcp { address, certificates: None } => {
            Docker::connect_with_http(address, PATIENCE, API_DEFAULT_VERSION)
        }
        Endpoint::Tcp { address, certificates: Some(folder) } => {
            // An error says only that one is installed already.
            let _ = rustls::crypto::ring::default_provider().install_default();
            let [key, cert, ca] = ["key.pem", "cert.pem", "ca.pem"].map(|name| folder.join(name));
            Docker::connect_with_ssl(address, &key, &cert, &ca, PATIENCE, API_DEFAULT_VERSION)
        }
    }
}
