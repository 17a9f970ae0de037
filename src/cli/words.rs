//! Objects as arguments name them: `pods`, `pod web-0`, `deployment/web`, `pods,services`, `all`.

use crate::api::{KINDS, Key, Kind};

use super::error::Error;

/// What an argument list names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// All objects of a kind.
    All(&'static Kind),
    /// One object.
    One(Key),
}

/// The kinds that `all` stands for, as kubectl has it.
const ALL: [&str; 10] = [
    "pods",
    "services",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
    "replicationcontrollers",
    "horizontalpodautoscalers",
    "cronjobs",
    "jobs",
];

/// Reads arguments as kubectl does. An empty list names nothing.
///
/// # Errors
/// A kind that wharf does not have, or `kind/name` mixed with other forms.
pub fn read(arguments: &[String], namespace: &str) -> Result<Vec<Named>, Error> {
    if arguments.iter().any(|a| a.contains('/')) {
        return arguments.iter().map(|a| read_pair(a, namespace).map(Named::One)).collect();
    }
    let Some((first, names)) = arguments.split_first() else { return Ok(Vec::new()) };
    let kinds = first.split(',').flat_map(|word| if word == "all" { ALL.to_vec() } else { vec![word] });
    let kinds = kinds.map(kind).collect::<Result<Vec<_>, _>>()?;
    if names.is_empty() {
        return Ok(kinds.into_iter().map(Named::All).collect());
    }
    let each = kinds.iter().flat_map(|kind| names.iter().map(move |name| Named::One(Key::new(kind, namespace, name))));
    Ok(each.collect())
}

/// Reads `name`, which stands for a pod, or `kind/name`.
///
/// # Errors
/// A kind that wharf does not have.
pub fn read_pod(argument: &str, namespace: &str) -> Result<Key, Error> {
    if argument.contains('/') {
        read_pair(argument, namespace)
    } else {
        Ok(Key::new(kind("pods")?, namespace, argument))
    }
}

/// Splits arguments into what is named and what is to be set: the latter begin with the first `NAME=VALUE` or `NAME-`.
pub fn split(arguments: &[String]) -> (&[String], &[String]) {
    let is_change = |a: &String| a.contains('=') || (a.len() > 1 && a.ends_with('-'));
    arguments.split_at(arguments.iter().position(is_change).unwrap_or(arguments.len()))
}

fn read_pair(argument: &str, namespace: &str) -> Result<Key, Error> {
    let wrong = || Error::usage(format!("\"{argument}\" is not of the form kind/name"));
    let (word, name) = argument.split_once('/').ok_or_else(wrong)?;
    if name.is_empty() || name.contains('/') {
        return Err(wrong());
    }
    Ok(Key::new(kind(word)?, namespace, name))
}

/// The kind that a word names.
///
/// # Errors
/// A kind that wharf does not have.
pub fn kind(word: &str) -> Result<&'static Kind, Error> {
    Kind::by_word(word).ok_or_else(|| {
        let near = KINDS
            .iter()
            .map(|k| k.plural)
            .max_by(|a, b| strsim::jaro_winkler(a, word).total_cmp(&strsim::jaro_winkler(b, word)));
        let error = Error::usage(format!("there is no kind \"{word}\""));
        match near.filter(|n| strsim::jaro_winkler(n, word) > 0.8) {
            Some(near) => error.hint(format!("did you mean {near}?")),
            None => error,
        }
    })
}

/// `deployment.apps/web`, as kubectl prints names.
pub fn name(key: &Key) -> String {
    let group = if key.kind.group.is_empty() { String::new() } else { format!(".{}", key.kind.group) };
    format!("{}{group}/{}", key.kind.singular, key.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> String {
        let arguments: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        match read(&arguments, "shop") {
            Ok(named) => named
                .iter()
                .map(|n| match n {
                    Named::All(kind) => kind.plural.to_owned(),
                    Named::One(key) => key.to_string(),
                })
                .collect::<Vec<_>>()
                .join("; "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn arguments_read_as_kubectl_reads_them() {
        let cases = [
            ("pods", "pods"),
            ("po,svc", "pods; services"),
            ("pod web-0 web-1", "Pod shop/web-0; Pod shop/web-1"),
            ("deploy/web svc/web", "Deployment shop/web; Service shop/web"),
            ("node wharf", "Node wharf"),
            (
                "all",
                "pods; services; daemonsets; deployments; replicasets; statefulsets; replicationcontrollers; \
                horizontalpodautoscalers; cronjobs; jobs",
            ),
            ("podz", "error: there is no kind \"podz\"\n  hint: did you mean pods?"),
            ("deploy/web pods", "error: \"pods\" is not of the form kind/name"),
        ];
        for (arguments, wanted) in cases {
            assert_eq!(read_text(arguments), wanted, "{arguments}");
        }
    }
}
