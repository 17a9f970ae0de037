//! Replaces `$(NAME)` as Kubernetes does in commands, arguments and values.

/// Replaces `$(NAME)` in each argument by the variable's value; `$$` stands for `$`, unknown names stay as they are.
/// <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>
#[must_use]
pub fn expand(args: &[String], env: &[(String, String)]) -> Vec<String> {
    let lookup = |name: &str| env.iter().rev().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    args.iter().map(|arg| expand_text(arg, lookup)).collect()
}

/// The same for one text and any lookup.
pub fn expand_text(text: &str, lookup: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = if let Some(tail) = after.strip_prefix('$') {
            out.push('$');
            tail
        } else if let Some((name, tail)) = after.strip_prefix('(').and_then(|t| t.split_once(')')) {
            match lookup(name) {
                Some(value) => out.push_str(&value),
                None => out.extend(["$(", name, ")"]),
            }
            tail
        } else {
            out.push('$');
            after
        };
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_kubernetes() {
        let env = [("A", "1"), ("B", "$(A)"), ("E", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        // After the table in https://github.com/kubernetes/kubernetes/blob/master/third_party/forked/golang/expansion
        let table = [
            ("$(A)", "1"),
            ("x$(A)y$(A)", "x1y1"),
            ("$(B)", "$(A)"),
            ("$(E)", ""),
            ("$(NO)", "$(NO)"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$1"),
            ("$$$$(A)", "$$(A)"),
            ("$(A", "$(A"),
            ("$A $ ü$", "$A $ ü$"),
            ("$()", "$()"),
            ("$($(A))", "$($(A))"),
        ];
        for (given, expected) in table {
            assert_eq!(expand(&[given.to_owned()], &env), [expected], "{given}");
        }
    }
}
