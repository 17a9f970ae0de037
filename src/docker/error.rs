//! What the engine's errors mean, in words that name the thing.

use bollard::errors::Error as Bollard;

use crate::kubelet::runtime;

/// Why a Docker host or a node on it is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// `DOCKER_HOST`, the Docker context or the certificates are wrong or not supported.
    #[error("{0}")]
    Settings(String),
    /// The engine can't be reached.
    #[error("the Docker engine at {endpoint} does not answer")]
    Unreachable {
        /// Where it should be.
        endpoint: String,
        /// What happened.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The engine is older than all that wharf knows.
    #[error("the Docker engine at {endpoint} is too old: its API is {version}, and wharf needs 1.41 (Docker 20.10)")]
    TooOld {
        /// Where it is.
        endpoint: String,
        /// Its API version.
        version: String,
    },
    /// The CLI's own executable can't be wharf's image.
    #[error("{0}")]
    Executable(String),
    /// A name or an address range belongs to something else on the host.
    #[error("{0}")]
    Taken(String),
    /// The node was started, but its agent does not answer.
    #[error("the node \"{node}\" was not ready within {seconds} s")]
    NotReady {
        /// The node.
        node: String,
        /// The bound.
        seconds: u64,
        /// The last lines of its log.
        log: String,
    },
    /// What the engine refused.
    #[error(transparent)]
    Engine(#[from] runtime::Error),
}

/// The meaning of an error about something, such as `container "web"`, or about what needs no name.
pub(super) fn about(what: &str, error: Bollard) -> runtime::Error {
    match error {
        Bollard::DockerResponseServerError { status_code, message } => refusal(what, status_code, &message),
        Bollard::DockerStreamError { error } => refusal(what, 500, &error),
        Bollard::HyperLegacyError { .. }
        | Bollard::HyperResponseError { .. }
        | Bollard::IOError { .. }
        | Bollard::RequestTimeoutError
        | Bollard::SocketNotFoundError(_) => runtime::Error::Unreachable(Box::new(error)),
        other => runtime::Error::Refused(said(what, &other.to_string())),
    }
}

/// Whether the engine says that there is no such thing.
pub(super) fn is_missing(error: &Bollard) -> bool {
    matches!(error, Bollard::DockerResponseServerError { status_code: 404, .. })
}

/// Whether the engine says that the thing is there or is in use.
pub(super) fn is_conflict(error: &Bollard) -> bool {
    matches!(error, Bollard::DockerResponseServerError { status_code: 409, .. })
}

/// The engine has one code for many causes; only its words tell them apart.
fn refusal(what: &str, status: u16, message: &str) -> runtime::Error {
    if message.contains("no space left on device") {
        return runtime::Error::Refused(said(what, "the disk of the Docker host is full"));
    }
    if let Some(port) = taken_port(message) {
        return runtime::Error::Conflict(said(what, &format!("port {port} of the host is already in use")));
    }
    let said = || said(what, message);
    match status {
        404 if message.contains("No such image") || message.contains("no such image") => runtime::Error::Image(said()),
        404 => runtime::Error::NotFound(said()),
        409 => runtime::Error::Conflict(said()),
        _ if message.contains("Address already in use") => runtime::Error::Conflict(said()),
        _ => runtime::Error::Refused(said()),
    }
}

/// The host's port that a start failed for. Docker's own bookkeeping says `Bind for 0.0.0.0:80 failed: port is already
/// allocated`; the kernel `listen tcp4 0.0.0.0:80: bind: address already in use`, or since engine 28 `failed to bind
/// host port for 0.0.0.0:80:172.18.0.2:80/tcp: address already in use`.
fn taken_port(message: &str) -> Option<&str> {
    if !message.contains("port is already allocated") && !message.contains("address already in use") {
        return None;
    }
    let after =
        ["Bind for ", "listen tcp4 ", "listen tcp6 ", "listen tcp ", "listen udp4 ", "listen udp6 ", "listen udp "]
            .into_iter()
            .chain(["bind host port for ", "bind host port "])
            .find_map(|mark| message.split_once(mark))?
            .1;
    let address = after.strip_prefix('[').and_then(|a| a.split_once(']')).map_or(after, |(_, port)| port);
    let digits = address.split_once(':')?.1;
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    digits.get(..end).filter(|port| !port.is_empty())
}

/// The engine's words about something.
fn said(what: &str, message: &str) -> String {
    if what.is_empty() { words(message) } else { format!("{what}: {}", words(message)) }
}

/// The engine's words as the end of a sentence of ours, without the names of the programs that handed them on.
pub(super) fn words(message: &str) -> String {
    let text = message.rsplit_once("unable to start container process: ").map_or(message, |(_, cause)| cause);
    let text = text.trim().trim_end_matches(": unknown").trim_end_matches('.');
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            format!("{}{}", first.to_lowercase(), &text[first.len_utf8()..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_is_read_from_the_words() {
        let table = [
            (404, "No such image: web:9"),
            (404, "No such container: abc"),
            (409, "Conflict. The container name \"/a\" is already in use by container \"b\". You have to remove it."),
            (
                500,
                "driver failed programming external connectivity on endpoint a: Bind for 0.0.0.0:80 failed: port is \
                   already allocated",
            ),
            (500, "Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use"),
            (500, "failed to bind host port for [::]:443:172.18.0.2:443/tcp: address already in use"),
            (403, "Address already in use"),
            (500, "write /var/lib/docker/tmp/x: no space left on device"),
            (400, "OCI runtime create failed: exec: \"/nope\": stat /nope: no such file or directory: unknown"),
        ];
        let kind = |e: &runtime::Error| format!("{e:?}").split('(').next().unwrap_or_default().to_owned();
        let told: Vec<_> = table.map(|(status, text)| refusal("container \"a\"", status, text)).into();
        let text: Vec<_> = told.iter().map(|e| format!("{} {e}", kind(e))).collect();
        insta::assert_snapshot!(text.join("\n"), @r#"
        Image container "a": no such image: web:9
        NotFound container "a": no such container: abc
        Conflict container "a": conflict. The container name "/a" is already in use by container "b". You have to remove it
        Conflict container "a": port 80 of the host is already in use
        Conflict container "a": port 8080 of the host is already in use
        Conflict container "a": port 443 of the host is already in use
        Conflict container "a": address already in use
        Refused container "a": the disk of the Docker host is full
        Refused container "a": OCI runtime create failed: exec: "/nope": stat /nope: no such file or directory
        "#);
    }
}
