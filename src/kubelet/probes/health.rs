//! The messages of gRPC's health service and what their answers mean. Pure: two messages of one field need no library.
//! <https://github.com/grpc/grpc-proto/blob/master/grpc/health/v1/health.proto>

use bytes::{BufMut, Bytes, BytesMut};
use hyper::HeaderMap;

/// The names of gRPC's status codes, from 0. <https://grpc.io/docs/guides/status-codes/>
const CODES: [&str; 17] = [
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
];

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    code: usize,
    message: String,
}

/// `HealthCheckRequest { service }` with the five bytes that frame each message of gRPC.
/// <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>
pub fn framed_request(service: &str) -> Bytes {
    let mut message = BytesMut::new();
    // A field that is empty is left out.
    if !service.is_empty() {
        message.put_u8(1 << 3 | 2);
        put_varint(&mut message, service.len());
        message.put_slice(service.as_bytes());
    }
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    frame.put(message);
    frame.freeze()
}

/// How a call ended: its status comes after the answer, or with its head where there is no answer.
pub fn status_of(http: u16, head: &HeaderMap, trailers: &HeaderMap) -> Status {
    let text = |name: &str| trailers.get(name).or_else(|| head.get(name)).and_then(|v| v.to_str().ok());
    match text("grpc-status").and_then(|code| code.parse().ok()) {
        Some(code) => Status { code, message: decoded(text("grpc-message").unwrap_or_default()) },
        None => Status {
            // <https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md>
            code: match http {
                400 => 13,
                401 => 16,
                403 => 7,
                404 => 12,
                429 | 502 | 503 | 504 => 14,
                _ => 2,
            },
            message: format!("unexpected HTTP status code received from server: {http}"),
        },
    }
}

/// Whether the service serves, or why not, in Kubernetes' words; `bound` is the time that the call had.
pub fn verdict(Status { code, message }: &Status, body: &[u8], bound: &str) -> Result<(), String> {
    match code {
        0 => match serving_status(body) {
            1 => Ok(()),
            other => {
                let name = match other {
                    0 => "UNKNOWN".to_owned(),
                    2 => "NOT_SERVING".to_owned(),
                    3 => "SERVICE_UNKNOWN".to_owned(),
                    number => number.to_string(),
                };
                Err(format!("service unhealthy (responded with \"{name}\")"))
            }
        },
        4 => Err(format!("timeout: health rpc did not complete within {bound}")),
        12 => Err(format!(
            "error: this server does not implement the grpc health protocol (grpc.health.v1.Health): {message}"
        )),
        code => {
            let name = CODES.get(*code).map_or_else(|| format!("Code({code})"), |name| (*name).to_owned());
            Err(format!("error: health rpc probe failed: rpc error: code = {name} desc = {message}"))
        }
    }
}

/// `HealthCheckResponse.status`, the message's first field; 0 where it is left out.
fn serving_status(framed: &[u8]) -> u64 {
    match framed.get(5..) {
        Some([key, rest @ ..]) if *key == 1 << 3 => varint(rest),
        _ => 0,
    }
}

fn put_varint(into: &mut BytesMut, mut number: usize) {
    while number > 0x7f {
        into.put_u8(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    into.put_u8(u8::try_from(number).unwrap_or_default());
}

fn varint(bytes: &[u8]) -> u64 {
    let last = bytes.iter().position(|b| b & 0x80 == 0).unwrap_or(0).min(8);
    bytes.iter().take(last + 1).rev().fold(0, |sum, byte| sum << 7 | u64::from(byte & 0x7f))
}

/// A message, in which what is not printable is written as `%` and two digits.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 16).ok());
        let coded = digits.filter(|_| *first == b'%');
        bytes.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_framed() {
        assert_eq!(&framed_request("")[..], [0, 0, 0, 0, 0]);
        assert_eq!(&framed_request("ab")[..], [0, 0, 0, 0, 4, 10, 2, b'a', b'b']);
        let long = framed_request(&"x".repeat(300));
        assert_eq!(&long[..8], [0, 0, 0, 1, 47, 10, 0b1010_1100, 0b10]);
    }

    #[test]
    fn answers_are_told_in_kubernetes_words() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
        };
        let told = |http: u16, pairs: &[(&'static str, &'static str)], body: &[u8]| {
            let status = status_of(http, &HeaderMap::new(), &headers(pairs));
            verdict(&status, body, "1s").map_or_else(|why| why, |()| "serves".to_owned())
        };
        let good = [("grpc-status", "0")];
        let all = [
            told(200, &good, &[0, 0, 0, 0, 2, 8, 1]),
            told(200, &good, &[0, 0, 0, 0, 2, 8, 2]),
            told(200, &good, &[0, 0, 0, 0, 0]),
            told(200, &good, &[0, 0, 0, 0, 3, 8, 0x80, 0x01]),
            told(200, &[("grpc-status", "5"), ("grpc-message", "unknown service %22a%22%")], &[]),
            told(200, &[("grpc-status", "12"), ("grpc-message", "unknown method")], &[]),
            told(404, &[], b"not found"),
            told(503, &[], b""),
            told(200, &[("grpc-status", "99")], &[]),
        ];
        insta::assert_snapshot!(all.join("\n"), @r#"
        serves
        service unhealthy (responded with "NOT_SERVING")
        service unhealthy (responded with "UNKNOWN")
        service unhealthy (responded with "128")
        error: health rpc probe failed: rpc error: code = NotFound desc = unknown service "a"%
        error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown method
        error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unexpected HTTP status code received from server: 404
        error: health rpc probe failed: rpc error: code = Unavailable desc = unexpected HTTP status code received from server: 503
        error: health rpc probe failed: rpc error: code = Code(99) desc = 
        "#);
    }
}
