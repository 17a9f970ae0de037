//! The API itself, for what wharf has no command for.

use std::process::Command;

use serde_json::Value;

use super::{Node, Ran};

impl Node {
    /// Makes a request of the API over the stream that wharf itself uses, with a body of this content type: the answer's
    /// code, and its body.
    pub fn api(&self, method: &str, path: &str, content: &str, body: &str) -> (u16, Value) {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: wharf\r\nConnection: close\r\nContent-Type: {content}");
        let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        // The end of the input would be the end of the connection, before the answer.
        let script = format!("{{ cat; sleep 3; }} | docker exec -i {} /wharf dial-stdio", self.name);
        let ran = Ran::of(Command::new("sh").args(["-c", &script]), &request);
        self.note(&ran.to_string());
        let (head, body) = ran.out.split_once("\r\n\r\n").unwrap_or_default();
        let code = head.split(' ').nth(1).and_then(|c| c.parse().ok()).unwrap_or_default();
        (code, serde_json::from_str(body).unwrap_or_default())
    }
}
