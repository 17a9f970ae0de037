//! The alphabets of names, each with Kubernetes' words for what is wrong with a text.
//!
//! <https://github.com/kubernetes/apimachinery/blob/master/pkg/util/validation/validation.go>

const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must \
start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or \
'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const WILDCARD: &str = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which \
must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. \
'*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035: &str = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an \
alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation \
is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const QUALIFIED: &str = "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and \
end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc') with an optional DNS subdomain prefix \
and '/' (e.g. 'example.com/MyName')";
const NAME_PART: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end \
with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or \
'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for \
validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. \
'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";
const ENV_NAME: &str =
    "a valid environment variable name must consist only of printable ASCII characters other than '='";

/// What is wrong with a text; empty where nothing is.
pub type Messages = Vec<String>;

/// The rule that a name follows.
pub type Rule = fn(&str) -> Messages;

fn checked(tests: &[(bool, &str)]) -> Messages {
    tests.iter().filter(|(good, _)| !good).map(|(_, message)| (*message).to_owned()).collect()
}

fn limited(text: &str, most: usize, good: bool, message: &str) -> Messages {
    checked(&[(text.len() <= most, &format!("must be no more than {most} bytes")), (good, message)])
}

/// Lower-case letters, digits and inner hyphens.
fn is_label(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let inner = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(inner)
}

fn is_subdomain(text: &str) -> bool {
    text.split('.').all(is_label)
}

/// Letters, digits, and inner `-`, `_`, `.`.
fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    edge(bytes.first()) && edge(bytes.last()) && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
}

/// A DNS label, such as a Namespace's or a container's name.
pub fn label(text: &str) -> Messages {
    limited(text, 63, is_label(text), LABEL)
}

/// A DNS subdomain, such as most objects' names.
pub fn subdomain(text: &str) -> Messages {
    limited(text, 253, is_subdomain(text), SUBDOMAIN)
}

/// A DNS subdomain below `*.`.
pub fn wildcard(text: &str) -> Messages {
    limited(text, 253, text.strip_prefix("*.").is_some_and(is_subdomain), WILDCARD)
}

/// A DNS label that starts with a letter: a Service's name.
pub fn label_1035(text: &str) -> Messages {
    limited(text, 63, is_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase()), LABEL_1035)
}

/// The key of a label or an annotation: `name` or `domain/name`.
pub fn qualified(text: &str) -> Messages {
    let (prefix, name) = match text.split_once('/') {
        Some((_, name)) if name.contains('/') => return vec![QUALIFIED.to_owned()],
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, text),
    };
    let mut messages = Vec::new();
    match prefix {
        Some("") => messages.push("prefix part must be non-empty".to_owned()),
        Some(prefix) => messages.extend(subdomain(prefix).into_iter().map(|m| format!("prefix part {m}"))),
        None => {}
    }
    if name.is_empty() {
        messages.push("name part must be non-empty".to_owned());
    }
    messages
        .extend(checked(&[(name.len() <= 63, "name part must be no more than 63 bytes"), (is_word(name), NAME_PART)]));
    messages
}

/// A label's value.
pub fn label_value(text: &str) -> Messages {
    limited(text, 63, text.is_empty() || is_word(text), LABEL_VALUE)
}

/// A key of a ConfigMap or a Secret: it becomes a file's name.
pub fn config_key(text: &str) -> Messages {
    let alphabet = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b));
    let mut messages = limited(text, 253, alphabet, CONFIG_KEY);
    messages.extend(match text {
        "." => Some("must not be '.'".to_owned()),
        ".." => Some("must not be '..'".to_owned()),
        _ => text.starts_with("..").then(|| "must not start with '..'".to_owned()),
    });
    messages
}

/// A name that stands in a path as it is: a role's. <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names>
pub fn path_segment(text: &str) -> Messages {
    checked(&[
        (text != ".", "may not be '.'"),
        (text != "..", "may not be '..'"),
        (!text.contains('/'), "may not contain '/'"),
        (!text.contains('%'), "may not contain '%'"),
    ])
}

/// The name of an environment variable.
pub fn env(text: &str) -> Messages {
    checked(&[(text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'='), ENV_NAME)])
}

/// The name of a port.
pub fn port(text: &str) -> Messages {
    checked(&[
        (text.len() <= 15, "must be no more than 15 characters"),
        (
            text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        ),
        (text.bytes().any(|b| b.is_ascii_lowercase()), "must contain at least one letter (a-z)"),
        (!text.contains("--"), "must not contain consecutive hyphens"),
        (!text.starts_with('-') && !text.ends_with('-'), "must not begin or end with a hyphen"),
    ])
}
