//! Nobody grants by a role or a binding what they may not do themselves.
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping>

use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, PolicyRule, Role, RoleBinding, RoleRef};
use serde::Deserialize;
use serde_json::Value;

use super::grants::rules_of;
use super::{Asked, User, decide, grants, rule};
use crate::api::{Key, View};

/// The group of roles and bindings.
const GROUP: &str = "rbac.authorization.k8s.io";

/// What a user would grant by writing this object without having it; `None` if all is in order, or if the object is
/// neither a role nor a binding. The words are Kubernetes', without the object's name.
#[must_use]
pub fn missing(view: &View, user: &User, key: &Key, new: &Value, old: Option<&Value>) -> Option<String> {
    if user.is_master() || key.kind.group != GROUP {
        return None;
    }
    let may = |verb: &str, resource: &str, name: &str| {
        decide(view, user, &Asked::resource(verb, GROUP, resource, &key.namespace, name)).allowed
    };
    let same = |field: &str| old.is_some_and(|old| old.get(field) == new.get(field));
    let rules: Vec<PolicyRule> = match key.kind.kind {
        "Role" | "ClusterRole" => {
            if (same("rules") && same("aggregationRule")) || may("escalate", key.kind.plural, &key.name) {
                return None;
            }
            role_rules(key.kind.kind, new)
        }
        "RoleBinding" | "ClusterRoleBinding" => {
            let role = role_of(key.kind.kind, new)?;
            let plural = if role.kind == "Role" { "roles" } else { "clusterroles" };
            if (same("roleRef") && same("subjects")) || may("bind", plural, &role.name) {
                return None;
            }
            rules_of(view, &role, &key.namespace).to_vec()
        }
        _ => return None,
    };
    let owned: Vec<_> = grants::grants(view, user, &key.namespace).map(|grant| grant.rule).collect();
    let lacking: Vec<_> = rules.iter().filter(|rule| !rule::covered(rule, &owned)).map(shown).collect();
    (!lacking.is_empty()).then(|| {
        let groups = serde_json::to_string(&user.groups).unwrap_or_default();
        format!(
            "user \"{}\" (groups={groups}) is attempting to grant RBAC permissions not currently held:\n{}",
            user.name,
            lacking.join("\n")
        )
    })
}

/// What a role grants; one that gathers the rules of others may come to grant anything.
fn role_rules(kind: &str, role: &Value) -> Vec<PolicyRule> {
    let all = |list: &[&str]| Some(list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
    let (mut rules, gathers) = if kind == "Role" {
        (Role::deserialize(role).unwrap_or_default().rules.unwrap_or_default(), false)
    } else {
        let role = ClusterRole::deserialize(role).unwrap_or_default();
        (role.rules.unwrap_or_default(), role.aggregation_rule.is_some())
    };
    if gathers {
        let verbs = vec!["*".to_owned()];
        let (api_groups, resources) = (all(&["*"]), all(&["*"]));
        rules.push(PolicyRule { verbs: verbs.clone(), api_groups, resources, ..PolicyRule::default() });
        rules.push(PolicyRule { verbs, non_resource_urls: all(&["*"]), ..PolicyRule::default() });
    }
    rules
}

fn role_of(kind: &str, binding: &Value) -> Option<RoleRef> {
    Some(match kind {
        "RoleBinding" => RoleBinding::deserialize(binding).ok()?.role_ref,
        _ => ClusterRoleBinding::deserialize(binding).ok()?.role_ref,
    })
}

/// `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`.
fn shown(rule: &PolicyRule) -> String {
    let lists = [
        ("NonResourceURLs", rule.non_resource_urls.as_ref()),
        ("APIGroups", rule.api_groups.as_ref()),
        ("Resources", rule.resources.as_ref()),
        ("ResourceNames", rule.resource_names.as_ref()),
        ("Verbs", Some(&rule.verbs)),
    ];
    let parts = lists.into_iter().filter_map(|(name, list)| {
        let list = list.filter(|l| !l.is_empty())?;
        Some(format!("{name}:{}", serde_json::to_string(list).unwrap_or_default()))
    });
    format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
}
