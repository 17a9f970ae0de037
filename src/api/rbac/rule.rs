//! Whether one rule grants what is asked, and whether rules grant another rule.

use k8s_openapi::api::rbac::v1::PolicyRule;

use super::{Asked, Target};

/// Whether the rule grants it.
pub(super) fn grants(rule: &PolicyRule, asked: &Asked) -> bool {
    if !has(Some(&rule.verbs), &asked.verb) {
        return false;
    }
    match &asked.target {
        Target::Path(path) => rule.non_resource_urls.iter().flatten().any(|url| url_has(url, path)),
        Target::Resource { group, resource, subresource, name, .. } => {
            let names = rule.resource_names.as_deref().unwrap_or_default();
            has(rule.api_groups.as_ref(), group)
                && rule.resources.iter().flatten().any(|r| resource_has(r, resource, subresource))
                && (names.is_empty() || names.contains(name))
        }
    }
}

/// Whether the rules together grant everything that another rule does: what can't be granted by parts is a star, or a
/// rule for all names.
pub(super) fn covered(rule: &PolicyRule, owned: &[&PolicyRule]) -> bool {
    let atoms = atoms(rule);
    atoms.iter().all(|atom| owned.iter().any(|rule| grants(rule, atom)))
}

/// A rule as every single thing that it grants. A star stays one: only a star grants it.
fn atoms(rule: &PolicyRule) -> Vec<Asked> {
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let mut all = Vec::new();
    for verb in &rule.verbs {
        all.extend(list(&rule.non_resource_urls).iter().map(|url| Asked::path(verb, url)));
        let mut names = list(&rule.resource_names);
        if names.is_empty() {
            names.push(String::new());
        }
        for group in list(&rule.api_groups) {
            for resource in list(&rule.resources) {
                all.extend(names.iter().map(|name| Asked::resource(verb, &group, &resource, "", name)));
            }
        }
    }
    all
}

fn has(list: Option<&Vec<String>>, wanted: &str) -> bool {
    list.into_iter().flatten().any(|item| item == "*" || item == wanted)
}

/// `*` is all resources with all their parts, `*/scale` that part of all, `pods/log` that part of pods.
fn resource_has(rule: &str, resource: &str, subresource: &str) -> bool {
    match rule.split_once('/') {
        None => rule == "*" || (rule == resource && subresource.is_empty()),
        Some((of, part)) => part == subresource && !subresource.is_empty() && (of == "*" || of == resource),
    }
}

/// A star at the end stands for anything.
fn url_has(rule: &str, path: &str) -> bool {
    rule == path || rule.strip_suffix('*').is_some_and(|start| path.starts_with(start))
}
