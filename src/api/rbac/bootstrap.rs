//! The roles and bindings that every node has from the start, those of Kubernetes that matter on one node.
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings>

use std::collections::BTreeMap;

use k8s_openapi::api::rbac::v1::{AggregationRule, ClusterRole, ClusterRoleBinding, PolicyRule, RoleRef, Subject};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};

use super::rule;
use super::user::{AUTHENTICATED, MASTERS, UNAUTHENTICATED};
use crate::api::{Object, Plan, View};

const GROUP: &str = "rbac.authorization.k8s.io";
/// A role with this annotation set to false is left as it is.
const AUTO: &str = "rbac.authorization.kubernetes.io/autoupdate";
const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &["create", "delete", "deletecollection", "patch", "update"];
const ALL: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/// What a role grants: groups, resources, verbs; or paths, where there are no groups.
type Row = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

/// What may be read in a namespace.
const VIEW: &[Row] = &[
    (
        &[""],
        &[
            "configmaps",
            "endpoints",
            "events",
            "limitranges",
            "namespaces",
            "namespaces/status",
            "persistentvolumeclaims",
            "persistentvolumeclaims/status",
            "pods",
            "pods/log",
            "pods/status",
            "replicationcontrollers",
            "resourcequotas",
            "serviceaccounts",
            "services",
            "services/status",
        ],
        READ,
    ),
    (&["discovery.k8s.io"], &["endpointslices"], READ),
    (
        &["apps"],
        &[
            "controllerrevisions",
            "daemonsets",
            "daemonsets/status",
            "deployments",
            "deployments/scale",
            "deployments/status",
            "replicasets",
            "replicasets/scale",
            "replicasets/status",
            "statefulsets",
            "statefulsets/scale",
            "statefulsets/status",
        ],
        READ,
    ),
    (&["autoscaling"], &["horizontalpodautoscalers", "horizontalpodautoscalers/status"], READ),
    (&["batch"], &["cronjobs", "cronjobs/status", "jobs", "jobs/status"], READ),
    (&["policy"], &["poddisruptionbudgets", "poddisruptionbudgets/status"], READ),
    (&["networking.k8s.io"], &["ingresses", "ingresses/status", "networkpolicies"], READ),
    (&["events.k8s.io"], &["events"], READ),
    (&["metrics.k8s.io"], &["pods"], READ),
];

/// What may be changed in a namespace, and secrets.
const EDIT: &[Row] = &[
    (&[""], &["pods/attach", "pods/exec", "pods/portforward", "pods/proxy", "secrets", "services/proxy"], READ),
    (&[""], &["serviceaccounts"], &["impersonate"]),
    (&[""], &["pods", "pods/attach", "pods/exec", "pods/portforward", "pods/proxy"], WRITE),
    (&[""], &["pods/eviction"], &["create"]),
    (
        &[""],
        &["configmaps", "events", "persistentvolumeclaims", "secrets", "serviceaccounts", "services", "services/proxy"],
        WRITE,
    ),
    (&[""], &["serviceaccounts/token"], &["create"]),
    (
        &["apps"],
        &[
            "daemonsets",
            "deployments",
            "deployments/rollback",
            "deployments/scale",
            "replicasets",
            "replicasets/scale",
            "statefulsets",
            "statefulsets/scale",
        ],
        WRITE,
    ),
    (&["autoscaling"], &["horizontalpodautoscalers"], WRITE),
    (&["batch"], &["cronjobs", "jobs"], WRITE),
    (&["policy"], &["poddisruptionbudgets"], WRITE),
    (&["networking.k8s.io"], &["ingresses", "networkpolicies"], WRITE),
    (&["coordination.k8s.io"], &["leases"], ALL),
];

/// What may be granted in a namespace.
const ADMIN: &[Row] = &[
    (&["authorization.k8s.io"], &["localsubjectaccessreviews"], &["create"]),
    (&[GROUP], &["rolebindings", "roles"], ALL),
];

/// The roles: name, the label that gathers it into another, rules.
const ROLES: &[(&str, &str, &[Row])] = &[
    ("cluster-admin", "", &[(&["*"], &["*"], &["*"]), (&[], &["*"], &["*"])]),
    ("system:aggregate-to-view", "view", VIEW),
    ("system:aggregate-to-edit", "edit", EDIT),
    ("system:aggregate-to-admin", "admin", ADMIN),
    (
        "system:discovery",
        "",
        &[(
            &[],
            &[
                "/api",
                "/api/*",
                "/apis",
                "/apis/*",
                "/healthz",
                "/livez",
                "/openapi",
                "/openapi/*",
                "/readyz",
                "/version",
                "/version/",
            ],
            &["get"],
        )],
    ),
    ("system:public-info-viewer", "", &[(&[], &["/healthz", "/livez", "/readyz", "/version", "/version/"], &["get"])]),
    (
        "system:basic-user",
        "",
        &[
            (&["authorization.k8s.io"], &["selfsubjectaccessreviews", "selfsubjectrulesreviews"], &["create"]),
            (&["authentication.k8s.io"], &["selfsubjectreviews"], &["create"]),
        ],
    ),
    (
        "system:auth-delegator",
        "",
        &[
            (&["authentication.k8s.io"], &["tokenreviews"], &["create"]),
            (&["authorization.k8s.io"], &["subjectaccessreviews"], &["create"]),
        ],
    ),
];

/// The roles that gather others: name, the label that it gathers, the label that gathers it. So an admin may do what an
/// editor may, and an editor what a viewer may.
const GATHERING: &[(&str, &str, &str)] = &[("admin", "admin", ""), ("edit", "edit", "admin"), ("view", "view", "edit")];

/// The bindings: role and groups; each is named like its role.
const BINDINGS: &[(&str, &[&str])] = &[
    ("cluster-admin", &[MASTERS]),
    ("system:basic-user", &[AUTHENTICATED]),
    ("system:discovery", &[AUTHENTICATED]),
    ("system:public-info-viewer", &[AUTHENTICATED, UNAUTHENTICATED]),
];

/// Makes what is missing, and gives roles the rules that they lack; what users added stays.
#[must_use]
pub fn plan(view: &View) -> Plan {
    let mut plan = Plan::nothing();
    let why = "every node has it";
    for wanted in roles() {
        let Some(there) = view.get::<ClusterRole>("", wanted.name()) else {
            plan.create(&wanted, why);
            continue;
        };
        if there.annotation(AUTO) == Some("false") || wanted.aggregation_rule.is_some() {
            continue;
        }
        let has: Vec<&PolicyRule> = there.rules.iter().flatten().collect();
        let lacks = wanted.rules.iter().flatten().filter(|rule| !rule::covered(rule, &has));
        let lacks: Vec<_> = lacks.cloned().collect();
        if !lacks.is_empty() {
            let mut there = there.clone();
            there.rules.get_or_insert_default().extend(lacks);
            plan.update(&there, "it lacks rules that it has from the start");
        }
    }
    for wanted in BINDINGS.iter().map(binding) {
        if view.get::<ClusterRoleBinding>("", wanted.name()).is_none() {
            plan.create(&wanted, why);
        }
    }
    plan
}

fn roles() -> impl Iterator<Item = ClusterRole> {
    let plain = ROLES.iter().map(|(name, label, rows)| ClusterRole {
        metadata: named(name, label),
        rules: Some(rows.iter().map(policy).collect()),
        aggregation_rule: None,
    });
    let gathering = GATHERING.iter().map(|(name, gathers, label)| {
        let selector = LabelSelector { match_labels: Some(mark(gathers)), ..LabelSelector::default() };
        ClusterRole {
            metadata: named(name, label),
            rules: None,
            aggregation_rule: Some(AggregationRule { cluster_role_selectors: Some(vec![selector]) }),
        }
    });
    plain.chain(gathering)
}

fn policy((groups, things, verbs): &Row) -> PolicyRule {
    let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let (verbs, things) = (own(verbs), Some(own(things)));
    if groups.is_empty() {
        PolicyRule { verbs, non_resource_urls: things, ..PolicyRule::default() }
    } else {
        PolicyRule { verbs, api_groups: Some(own(groups)), resources: things, ..PolicyRule::default() }
    }
}

fn binding((role, groups): &(&str, &[&str])) -> ClusterRoleBinding {
    let subject = |group: &&str| Subject {
        kind: "Group".to_owned(),
        api_group: Some(GROUP.to_owned()),
        name: (*group).to_owned(),
        namespace: None,
    };
    let (api_group, kind) = (Some(GROUP.to_owned()), "ClusterRole".to_owned());
    ClusterRoleBinding {
        metadata: named(role, ""),
        role_ref: RoleRef { api_group, kind, name: (*role).to_owned() },
        subjects: Some(groups.iter().map(subject).collect()),
    }
}

fn named(name: &str, gathered_into: &str) -> ObjectMeta {
    let mut labels = BTreeMap::from([("kubernetes.io/bootstrapping".to_owned(), "rbac-defaults".to_owned())]);
    if !gathered_into.is_empty() {
        labels.extend(mark(gathered_into));
    }
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels),
        annotations: Some([(AUTO.to_owned(), "true".to_owned())].into()),
        ..ObjectMeta::default()
    }
}

/// The label of roles whose rules are gathered into another one.
fn mark(role: &str) -> BTreeMap<String, String> {
    [(format!("rbac.authorization.k8s.io/aggregate-to-{role}"), "true".to_owned())].into()
}
