//! Where the Docker engine is, by the same rules as the `docker` command.
//! <https://docs.docker.com/engine/manage-resources/contexts/>

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::error::Error;
use crate::api::names;

const DEFAULT: &str = "unix:///var/run/docker.sock";

/// The way to an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A TCP connection.
    Tcp {
        /// `host:port`.
        address: String,
        /// Where `ca.pem`, `cert.pem` and `key.pem` are, if it is to be TLS.
        certificates: Option<PathBuf>,
    },
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp { address, .. } => write!(f, "tcp://{address}"),
        }
    }
}

impl Endpoint {
    /// The endpoint that environment and Docker's own configuration name: `DOCKER_HOST`, else the context of
    /// `DOCKER_CONTEXT` or of `config.json`, else the local socket.
    ///
    /// # Errors
    /// If what they say can't be understood or is not supported.
    pub(super) fn find(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let set = |name: &str| env(name).filter(|value| !value.is_empty());
        let folder = configuration(env);
        if let Some(host) = set("DOCKER_HOST") {
            let certificates = set("DOCKER_CERT_PATH").map_or(folder, PathBuf::from);
            return Self::parse(&host, set("DOCKER_TLS_VERIFY").map(|_| certificates));
        }
        match set("DOCKER_CONTEXT").or_else(|| current_context(&folder)) {
            Some(name) if name != "default" => of_context(&folder, &name),
            _ => Self::parse(DEFAULT, None),
        }
    }

    fn parse(host: &str, certificates: Option<PathBuf>) -> Result<Self, Error> {
        match host.split_once("://") {
            Some(("unix", path)) => Ok(Self::Unix(path.into())),
            Some(("tcp" | "http", address)) => {
                Ok(Self::Tcp { address: address.trim_end_matches('/').to_owned(), certificates })
            }
            Some(("ssh", _)) => Err(Error::Settings(format!(
                "the Docker host {host} is reached by ssh, which is not supported yet: forward its socket with ssh -L \
                 and set DOCKER_HOST to that"
            ))),
            _ => Err(Error::Settings(format!("the Docker host \"{host}\" is neither unix:// nor tcp://"))),
        }
    }
}

/// The folder of Docker's own configuration.
pub(super) fn configuration(env: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let home = set("HOME").map_or_else(|| PathBuf::from("/"), PathBuf::from);
    set("DOCKER_CONFIG").map_or_else(|| home.join(".docker"), PathBuf::from)
}

fn current_context(folder: &Path) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        current_context: Option<String>,
    }
    let text = std::fs::read_to_string(folder.join("config.json")).ok()?;
    serde_json::from_str::<Config>(&text).ok()?.current_context.filter(|name| !name.is_empty())
}

/// A context's folders are named after the hash of its name.
fn of_context(folder: &Path, name: &str) -> Result<Endpoint, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Meta {
        endpoints: std::collections::BTreeMap<String, Host>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Host {
        host: String,
    }
    let (id, contexts) = (names::digest(name.as_bytes(), 64), folder.join("contexts"));
    let path = contexts.join("meta").join(&id).join("meta.json");
    let bad = |why: String| Error::Settings(format!("the Docker context \"{name}\" ({}) {why}", path.display()));
    let text = std::fs::read_to_string(&path).map_err(|e| bad(format!("can't be read: {e}")))?;
    let meta: Meta = serde_json::from_str(&text).map_err(|e| bad(format!("can't be understood: {e}")))?;
    let docker = meta.endpoints.get("docker").ok_or_else(|| bad("has no endpoint for Docker".to_owned()))?;
    let certificates = contexts.join("tls").join(&id).join("docker");
    Endpoint::parse(&docker.host, certificates.join("ca.pem").exists().then_some(certificates))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(vars: &[(&str, &str)]) -> String {
        let env = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        match Endpoint::find(&env) {
            Ok(Endpoint::Tcp { address, certificates }) => format!("tcp {address} {certificates:?}"),
            Ok(endpoint) => endpoint.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn the_environment_decides() {
        assert_eq!(found(&[("HOME", "/none"), ("DOCKER_HOST", "")]), "unix:///var/run/docker.sock");
        let tls = [("DOCKER_HOST", "tcp://a:2376"), ("DOCKER_TLS_VERIFY", "1"), ("DOCKER_CERT_PATH", "/c")];
        assert_eq!(found(&tls), "tcp a:2376 Some(\"/c\")");
        assert_eq!(found(&tls[..1]), "tcp a:2376 None");
        assert!(found(&[("DOCKER_HOST", "ssh://a")]).contains("not supported yet"));
        assert!(found(&[("DOCKER_HOST", "a:1")]).contains("neither"));
    }

    #[test]
    fn a_context_is_read_from_dockers_own_files() {
        let folder = std::env::temp_dir().join(format!("wharf-context-{}", std::process::id()));
        let meta = folder.join("contexts/meta").join(names::digest(b"far", 64));
        std::fs::create_dir_all(&meta).unwrap();
        let text = r#"{"Name":"far","Endpoints":{"docker":{"Host":"tcp://far:2375","SkipTLSVerify":false}}}"#;
        std::fs::write(meta.join("meta.json"), text).unwrap();
        std::fs::write(folder.join("config.json"), r#"{"currentContext":"far"}"#).unwrap();
        let at = folder.to_str().unwrap();
        let told = [
            found(&[("DOCKER_CONFIG", at)]),
            found(&[("DOCKER_CONFIG", at), ("DOCKER_CONTEXT", "default")]),
            found(&[("DOCKER_CONFIG", at), ("DOCKER_CONTEXT", "nope")]),
        ];
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(told[..2], ["tcp far:2375 None", "unix:///var/run/docker.sock"]);
        assert!(told[2].contains("the Docker context \"nope\""), "{}", told[2]);
    }
}
