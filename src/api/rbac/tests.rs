//! Who may do what, and who may grant it.

use insta::assert_snapshot;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};
use serde_json::{Value, json};

use super::{Asked, User, bootstrap, decide, missing};
use crate::api::{Action, Key, Kind, Object, View};

fn object<T: Object>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

fn rule(verbs: &str, groups: &str, resources: &str) -> Value {
    let list = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    json!({"verbs": list(verbs), "apiGroups": list(groups.trim_matches('.')), "resources": list(resources)})
}

/// A role `reader` in the namespace `shop`, bound to an account of it, a user and a group; a role of the cluster, bound to ops.
fn view() -> View {
    let mut view = View::default();
    let mut named = rule("update", "apps", "deployments");
    named["resourceNames"] = json!(["web"]);
    view.extend([object::<Role>(json!({
        "metadata": {"name": "reader", "namespace": "shop"},
        "rules": [rule("get list", ".", "pods pods/log"), rule("patch", "apps", "*/scale"), named],
    }))]);
    view.extend([object::<RoleBinding>(json!({
        "metadata": {"name": "readers", "namespace": "shop"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "web"}, {"kind": "User", "name": "ann"},
                     {"kind": "Group", "name": "team"}],
    }))]);
    view.extend([object::<ClusterRole>(json!({
        "metadata": {"name": "ops"},
        "rules": [rule("*", "*", "*"), {"verbs": ["get"], "nonResourceURLs": ["/healthz", "/debug/*"]}],
    }))]);
    view.extend([object::<ClusterRoleBinding>(json!({
        "metadata": {"name": "ops"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "ops"},
        "subjects": [{"kind": "User", "name": "olga"}],
    }))]);
    view
}

fn may(user: &User, verb: &str, group: &str, resource: &str, place: &str) -> bool {
    let (namespace, name) = place.split_once('/').unwrap_or((place, ""));
    decide(&view(), user, &Asked::resource(verb, group, resource, namespace, name)).allowed
}

#[test]
fn a_binding_grants_its_role_to_its_subjects_in_its_namespace() {
    let web = User::account("shop", "web", "1");
    assert!(may(&web, "get", "", "pods", "shop/web-0") && may(&web, "get", "", "pods/log", "shop/web-0"));
    assert!(!may(&web, "get", "", "pods", "bank/web-0"), "another namespace");
    assert!(!may(&web, "list", "", "pods", ""), "all namespaces");
    assert!(!may(&web, "delete", "", "pods", "shop/web-0"), "another verb");
    assert!(!may(&web, "get", "", "pods/exec", "shop/web-0"), "another part");
    assert!(
        may(&web, "patch", "apps", "statefulsets/scale", "shop/db")
            && !may(&web, "patch", "apps", "statefulsets", "shop/db")
    );
    assert!(
        may(&web, "update", "apps", "deployments", "shop/web")
            && !may(&web, "update", "apps", "deployments", "shop/db")
    );
    assert!(!may(&User::account("bank", "web", "1"), "get", "", "pods", "shop/x"), "an account of another namespace");
    assert!(may(&User::authenticated("ann", []), "get", "", "pods", "shop/x"));
    assert!(may(&User::authenticated("bob", ["team".to_owned()]), "get", "", "pods", "shop/x"));
    assert!(!may(&User::authenticated("bob", []), "get", "", "pods", "shop/x"));
    assert!(may(&User::admin(), "delete", "x", "y", "z/q"), "masters may everything");
}

#[test]
fn stars_grant_all_and_paths_are_apart_from_objects() {
    let olga = User::authenticated("olga", []);
    assert!(may(&olga, "delete", "apps", "deployments/scale", "any/x") && may(&olga, "list", "", "secrets", ""));
    let path = |user: &User, path: &str| decide(&view(), user, &Asked::path("GET", path)).allowed;
    assert!(
        path(&olga, "/healthz") && path(&olga, "/debug/heap") && !path(&olga, "/debug") && !path(&olga, "/metrics")
    );
    assert!(!path(&User::authenticated("ann", []), "/healthz"));
}

#[test]
fn refusals_and_reasons_read_as_kubernetes() {
    let web = User::account("shop", "web", "1");
    let refused = |asked: Asked| asked.refusal(&web);
    assert_snapshot!(refused(Asked::resource("list", "", "pods", "shop", "")), @r#"pods is forbidden: User "system:serviceaccount:shop:web" cannot list resource "pods" in API group "" in the namespace "shop""#);
    assert_snapshot!(refused(Asked::resource("get", "apps", "deployments/scale", "shop", "web")), @r#"deployments.apps "web" is forbidden: User "system:serviceaccount:shop:web" cannot get resource "deployments/scale" in API group "apps" in the namespace "shop""#);
    assert_snapshot!(refused(Asked::resource("list", "", "nodes", "", "")), @r#"nodes is forbidden: User "system:serviceaccount:shop:web" cannot list resource "nodes" in API group "" at the cluster scope"#);
    assert_snapshot!(refused(Asked::path("GET", "/metrics")), @r#"forbidden: User "system:serviceaccount:shop:web" cannot get path "/metrics""#);
    let why = decide(&view(), &web, &Asked::resource("get", "", "pods", "shop", "x")).reason;
    assert_snapshot!(why, @r#"RBAC: allowed by RoleBinding "readers/shop" of Role "reader" to ServiceAccount "web""#);
}

fn grants(user: &str, kind: &str, new: &Value) -> String {
    let key = Key::of(Kind::by_word(kind).unwrap(), new);
    missing(&view(), &User::authenticated(user, []), &key, new, None).unwrap_or_default()
}

#[test]
fn nobody_grants_what_they_may_not_do() {
    let role = |rule: Value| json!({"metadata": {"name": "r", "namespace": "shop"}, "rules": [rule]});
    assert_eq!(grants("ann", "role", &role(rule("get", ".", "pods"))), "");
    assert_snapshot!(grants("ann", "role", &role(rule("get delete", ".", "pods"))), @r#"
    user "ann" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
    {APIGroups:[""], Resources:["pods"], Verbs:["get","delete"]}
    "#);
    assert_ne!(grants("ann", "role", &role(rule("*", "*", "*"))), "");
    assert_eq!(grants("olga", "role", &role(rule("*", "*", "*"))), "");
    let binding = |kind: &str, name: &str| {
        json!({
            "metadata": {"name": "b", "namespace": "shop"}, "roleRef": {"kind": kind, "name": name}, "subjects": [],
        })
    };
    assert_eq!(grants("ann", "rolebinding", &binding("Role", "reader")), "");
    assert_ne!(grants("ann", "rolebinding", &binding("ClusterRole", "ops")), "");
    let gathering = json!({"metadata": {"name": "g"}, "aggregationRule": {"clusterRoleSelectors": [{}]}});
    assert_ne!(grants("ann", "clusterrole", &gathering), "", "it may come to grant anything");
    let key = Key::of(Kind::of::<Role>(), &role(rule("get", ".", "secrets")));
    let same = role(rule("get", ".", "secrets"));
    assert_eq!(
        missing(&view(), &User::authenticated("ann", []), &key, &same, Some(&same)),
        None,
        "nothing new is granted"
    );
}

#[test]
fn every_node_has_kubernetes_roles_and_a_second_start_changes_nothing() {
    let mut view = View::default();
    let plan = bootstrap(&view);
    for step in &plan.steps {
        let Action::Create(kind, object) = &step.action else { panic!("{}", step.action) };
        let admitted = (kind.admit)(object, None).unwrap();
        view.insert(Key::of(kind, object), (kind.decode)(&admitted).unwrap());
    }
    assert_eq!(bootstrap(&view).to_string(), "");
    let anybody = |path: &str| decide(&view, &User::anonymous(), &Asked::path("GET", path)).allowed;
    assert!(anybody("/healthz") && anybody("/version") && !anybody("/api"));
    let ann = User::authenticated("ann", []);
    assert!(decide(&view, &ann, &Asked::path("GET", "/apis/apps/v1")).allowed);
    let asked = Asked::resource("create", "authorization.k8s.io", "selfsubjectaccessreviews", "", "");
    assert!(decide(&view, &ann, &asked).allowed);
    let mut poorer: ClusterRole = view.get::<ClusterRole>("", "system:discovery").unwrap().clone();
    poorer.rules = None;
    view.extend([poorer]);
    assert_eq!(
        bootstrap(&view).to_string(),
        "update ClusterRole system:discovery: it lacks rules that it has from the start\n"
    );
}
