//! Cluster roles that gather the rules of others.
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>

use k8s_openapi::api::rbac::v1::{ClusterRole, PolicyRule};

use crate::api::{Key, Object, Plan, Timestamp, View, labels};

/// The role that changed, and all that gather: it may be one of theirs.
pub fn keys(view: &View, changed: &Key) -> Vec<Key> {
    let gathering = view.all::<ClusterRole>().filter(|r| r.aggregation_rule.is_some()).map(Object::key);
    gathering.filter(|key| key != changed).chain([changed.clone()]).collect()
}

/// Gives a role the rules of those that it selects.
pub fn plan(view: &View, key: &Key, _: Timestamp) -> Plan {
    let mut plan = Plan::nothing();
    let Some(role) = view.get::<ClusterRole>("", &key.name).filter(|r| !r.is_deleting()) else { return plan };
    let Some(aggregation) = &role.aggregation_rule else { return plan };
    let mut rules: Vec<PolicyRule> = Vec::new();
    for selector in aggregation.cluster_role_selectors.iter().flatten() {
        let selected =
            |r: &&ClusterRole| r.name() != role.name() && labels::matches(selector, r.metadata.labels.as_ref());
        for rule in view.all::<ClusterRole>().filter(selected).flat_map(|r| r.rules.iter().flatten()) {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
    }
    if role.rules.as_deref().unwrap_or_default() != rules {
        plan.update(&ClusterRole { rules: Some(rules), ..role.clone() }, "it gathers the rules of others");
    }
    plan
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(value: serde_json::Value) -> ClusterRole {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_role_gathers_the_rules_of_those_it_selects_once_each() {
        let rule = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]});
        let part = |name: &str| role(json!({"metadata": {"name": name, "labels": {"to": "all"}}, "rules": [rule]}));
        let all = role(json!({"metadata": {"name": "all"},
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]}}));
        let mut view = View::of([part("a"), part("b"), all.clone()]);
        let plan = |view: &View| plan(view, &all.key(), Timestamp::UNIX_EPOCH);
        assert_eq!(plan(&view).to_string(), "update ClusterRole all: it gathers the rules of others\n");
        let gathered = ClusterRole { rules: part("a").rules, ..all.clone() };
        view.extend([gathered]);
        assert_eq!(plan(&view).to_string(), "", "nothing more to do");
        assert_eq!(keys(&view, &part("a").key()).len(), 2);
    }
}
