//! The channels of an exec WebSocket: messages whose first byte names the stream. Pure.
//! <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/remotecommand/constants.go>

use bytes::Bytes;
use serde_json::{Value, json};

use crate::apiserver::{Input, Output};

/// The subprotocols, best first; in v5 the client can end standard input.
pub const PROTOCOLS: [&str; 2] = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
const RESIZE: u8 = 4;
const CLOSE: u8 = 255;

/// What a client sends.
pub fn write_input(input: &Input) -> Bytes {
    match input {
        Input::Stdin(bytes) => message(STDIN, bytes),
        Input::End => message(CLOSE, &[STDIN]),
        Input::Resize { width, height } => {
            message(RESIZE, json!({"Width": width, "Height": height}).to_string().as_bytes())
        }
    }
}

/// What a server reads; `None` for messages that mean nothing.
pub fn read_input(message: &Bytes) -> Option<Input> {
    match (message.first()?, message.slice(1..)) {
        (&STDIN, bytes) => Some(Input::Stdin(bytes)),
        (&CLOSE, bytes) if bytes[..] == [STDIN] => Some(Input::End),
        (&RESIZE, bytes) => {
            let size: Value = serde_json::from_slice(&bytes).ok()?;
            let side = |name: &str| size[name].as_u64().and_then(|n| u16::try_from(n).ok());
            Some(Input::Resize { width: side("Width")?, height: side("Height")? })
        }
        _ => None,
    }
}

/// What a server sends. The end is a `Status` with the exit code among its causes.
pub fn write_output(output: &Output) -> Bytes {
    let status = match output {
        Output::Stdout(bytes) => return message(STDOUT, bytes),
        Output::Stderr(bytes) => return message(STDERR, bytes),
        Output::Exit(0) => json!({"metadata": {}, "status": "Success"}),
        Output::Exit(code) => json!({
            "metadata": {}, "status": "Failure", "reason": "NonZeroExitCode",
            "message": format!("command terminated with non-zero exit code: {code}"),
            "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
        }),
        Output::Failed(why) => {
            json!({"metadata": {}, "status": "Failure", "reason": "InternalError", "message": why, "code": 500})
        }
    };
    message(ERROR, status.to_string().as_bytes())
}

/// What a client reads; `None` for messages that mean nothing.
pub fn read_output(message: &Bytes) -> Option<Output> {
    match (message.first()?, message.slice(1..)) {
        (&STDOUT, bytes) => Some(Output::Stdout(bytes)),
        (&STDERR, bytes) => Some(Output::Stderr(bytes)),
        (&ERROR, bytes) if !bytes.is_empty() => Some(read_end(&bytes)),
        _ => None,
    }
}

fn read_end(bytes: &[u8]) -> Output {
    let status: Value = serde_json::from_slice(bytes).unwrap_or_default();
    if status["status"] == "Success" {
        return Output::Exit(0);
    }
    let mut causes = status["details"]["causes"].as_array().into_iter().flatten();
    let code = causes.find(|c| c["reason"] == "ExitCode").and_then(|c| c["message"].as_str()?.parse().ok());
    let why = || status["message"].as_str().unwrap_or("the program can't be followed").to_owned();
    code.map_or_else(|| Output::Failed(why()), Output::Exit)
}

fn message(channel: u8, bytes: &[u8]) -> Bytes {
    [&[channel], bytes].concat().into()
}
