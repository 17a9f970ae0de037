//! The logins at registries of whoever runs the command line, as Docker's own configuration has them.
//! <https://docs.docker.com/reference/cli/docker/login/#credential-stores>

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::endpoint::configuration;
use super::error::Error;
use crate::kubelet::images::entries;
use crate::kubelet::runtime::Credentials;

/// How the Docker Hub is called in the configuration.
const HUB: &str = "https://index.docker.io/v1/";
/// How long a credential helper may take; it may ask its user something.
const PATIENCE: Duration = Duration::from_mins(1);

/// The logins of a user.
#[derive(Clone, Debug, Default)]
pub struct Logins {
    auths: BTreeMap<String, Credentials>,
    store: Option<String>,
    helpers: BTreeMap<String, String>,
}

/// What of `config.json` is about logins.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    auths: Value,
    creds_store: Option<String>,
    cred_helpers: BTreeMap<String, String>,
}

/// What a helper answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

impl Logins {
    /// The logins in `config.json` of `DOCKER_CONFIG` or `~/.docker`, and before them those in `DOCKER_AUTH_CONFIG`.
    ///
    /// # Errors
    /// If they can't be understood.
    pub fn read() -> Result<Self, Error> {
        Self::find(&|name| std::env::var(name).ok())
    }

    fn find(env: &dyn Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let path = configuration(env).join("config.json");
        let mut all = match std::fs::read_to_string(&path) {
            Ok(text) => Self::parse(&text).ok_or_else(|| unclear(&path))?,
            Err(_) => Self::default(),
        };
        if let Some(text) = env("DOCKER_AUTH_CONFIG").filter(|text| !text.is_empty()) {
            let given = Self::parse(&text).ok_or_else(|| unclear(&PathBuf::from("DOCKER_AUTH_CONFIG")))?;
            all.auths.extend(given.auths.clone());
            // What is given for this one run comes before all programs.
            all.helpers.retain(|registry, _| !given.auths.contains_key(registry));
        }
        Ok(all)
    }

    fn parse(text: &str) -> Option<Self> {
        let config: Config = serde_json::from_str(text).ok()?;
        let auths = if config.auths.is_null() { BTreeMap::new() } else { entries(&config.auths)? };
        let store = config.creds_store.filter(|store| !store.is_empty());
        Some(Self { auths, store, helpers: config.cred_helpers })
    }

    /// A configuration that holds the user's login at a registry such as `docker.io` or `localhost:5000` alone, for a Secret
    /// of the type `kubernetes.io/dockerconfigjson`; `None` without one. A credential helper is run if one keeps it.
    ///
    /// # Errors
    /// If the helper can't be run, or fails for another reason than that it has none.
    pub async fn at(&self, registry: &str) -> Result<Option<String>, Error> {
        let found = self.of(registry).await?;
        Ok(found.map(|credentials| json!({"auths": {registry: credentials}}).to_string()))
    }

    async fn of(&self, registry: &str) -> Result<Option<Credentials>, Error> {
        let server = server(registry);
        let written = self.auths.iter().find(|(key, _)| bare(key) == bare(server));
        let written = written.map(|(_, credentials)| credentials.clone()).filter(|c| !c.is_empty());
        match self.helpers.get(server).or(self.store.as_ref()) {
            // A store keeps all that is not written down.
            Some(helper) if written.is_none() => ask(helper, server).await,
            _ => Ok(written),
        }
    }

    /// Whether there are any, for any registry.
    pub fn is_empty(&self) -> bool {
        self.auths.is_empty() && self.store.is_none() && self.helpers.is_empty()
    }
}

fn unclear(path: &std::path::Path) -> Error {
    Error::Settings(format!("the logins in {} can't be understood", path.display()))
}

/// A registry as the configuration and helpers name it.
fn server(registry: &str) -> &str {
    if registry == "docker.io" { HUB } else { registry }
}

/// The host of a key, which may be written as an address.
fn bare(key: &str) -> &str {
    let key = ["https://", "http://"].into_iter().find_map(|scheme| key.strip_prefix(scheme)).unwrap_or(key);
    key.split('/').next().unwrap_or(key)
}

/// Asks a credential helper. What it writes is never shown: it may hold what it was asked for.
/// <https://github.com/docker/docker-credential-helpers#development>
async fn ask(helper: &str, server: &str) -> Result<Option<Credentials>, Error> {
    let program = format!("docker-credential-{helper}");
    let failed = |why: &dyn std::fmt::Display| Error::Settings(format!("{program} gives no login for {server}: {why}"));
    let mut command = Command::new(&program);
    command.arg("get").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| failed(&e))?;
    let mut input = child.stdin.take();
    let talk = async {
        if let Some(mut input) = input.take() {
            // One that ends without reading says why by its answer.
            let _ = input.write_all(server.as_bytes()).await;
        }
        child.wait_with_output().await
    };
    let output = tokio::time::timeout(PATIENCE, talk).await.map_err(|e| failed(&e))?.map_err(|e| failed(&e))?;
    if !output.status.success() {
        let none = String::from_utf8_lossy(&output.stdout).contains("credentials not found");
        return if none { Ok(None) } else { Err(failed(&output.status)) };
    }
    let answer: Answer = serde_json::from_slice(&output.stdout).map_err(|_| failed(&"its answer is no login"))?;
    // The name stands for no name: the secret is what a login in a browser gave.
    Ok(Some(if answer.username == "<token>" {
        Credentials { identity_token: answer.secret, ..Credentials::default() }
    } else {
        Credentials { username: answer.username, password: answer.secret, ..Credentials::default() }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: Result<Option<Credentials>, Error>) -> String {
        match found {
            Ok(Some(c)) => format!("{}/{}/{}", c.username, c.password, c.identity_token),
            Ok(None) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn logins_are_found_by_the_names_that_docker_gives_registries() {
        let text = r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "YW5uOnA="},
            "localhost:5000": {"auth": "Ym9iOnE="},
            "https://old.io/v1/": {"auth": "b2xkOnA="},
            "token.io": {"auth": "PHRva2VuPjo=", "identitytoken": "t"},
            "kept.io": {}
        }, "credHelpers": {"gcr.io": "there-is-none-of-this-name"}, "currentContext": "x"}"#;
        let logins = Logins::parse(text).unwrap();
        let mut all = Vec::new();
        for registry in ["docker.io", "localhost:5000", "localhost", "old.io", "token.io", "kept.io", "gcr.io"] {
            all.push(format!("{registry}: {}", told(logins.of(registry).await)));
        }
        insta::assert_snapshot!(all.join("\n"), @r"
        docker.io: ann/p/
        localhost:5000: bob/q/
        localhost: none
        old.io: old/p/
        token.io: <token>//t
        kept.io: none
        gcr.io: docker-credential-there-is-none-of-this-name gives no login for gcr.io: No such file or directory (os error 2)
        ");
        let alone = logins.at("localhost:5000").await.unwrap().unwrap();
        assert_eq!(alone, r#"{"auths":{"localhost:5000":{"password":"q","username":"bob"}}}"#);
        assert!(Logins::parse("{}").unwrap().is_empty());
        assert!(Logins::parse(r#"{"auths": {"a": {"auth": "?"}}}"#).is_none());
    }

    #[test]
    fn the_environment_names_the_file_and_may_hold_logins_itself() {
        let folder = std::env::temp_dir().join(format!("wharf-logins-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("config.json"), r#"{"auths": {"a": {"auth": "YTpi"}}, "credHelpers": {"b": "x"}}"#)
            .unwrap();
        let env = |name: &str| match name {
            "DOCKER_CONFIG" => Some(folder.to_string_lossy().into_owned()),
            "DOCKER_AUTH_CONFIG" => Some(r#"{"auths": {"b": {"auth": "Yjpj"}}}"#.to_owned()),
            _ => None,
        };
        let logins = Logins::find(&env);
        std::fs::write(folder.join("config.json"), "no").unwrap();
        let unclear = Logins::find(&env).unwrap_err().to_string();
        std::fs::remove_dir_all(&folder).unwrap();
        let logins = logins.unwrap();
        assert_eq!(logins.auths.keys().collect::<Vec<_>>(), ["a", "b"]);
        assert!(logins.helpers.is_empty() && !logins.is_empty());
        assert!(unclear.ends_with("config.json can't be understood"), "{unclear}");
        assert!(Logins::find(&|_| None).unwrap().is_empty() || std::path::Path::new("/.docker/config.json").exists());
    }
}
