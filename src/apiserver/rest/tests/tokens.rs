//! Tokens of service accounts: what they say, and when they end.

use serde_json::{Value, json};

use super::{create, key, kind, message, pod, rest};
use crate::api::rbac::User;
use crate::api::{Key, Timestamp};
use crate::apiserver::access::Signer;
use crate::apiserver::{DeleteOptions, Rest};

fn signing() -> Rest {
    let rest = rest().signing(Signer::of(&Signer::generate().unwrap()).unwrap());
    create(&rest, "sa", json!({"metadata": {"name": "web"}}));
    let mut pod = pod("web-0");
    pod["spec"]["serviceAccountName"] = "web".into();
    create(&rest, "pod", pod);
    rest
}

fn token(rest: &Rest, spec: &Value) -> String {
    let made = rest.token(&key("sa", "web"), json!({"spec": spec})).unwrap();
    made["status"]["token"].as_str().unwrap().to_owned()
}

fn whose(rest: &Rest, token: &str, seconds: i64) -> Result<User, String> {
    let later = Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    rest.whose_token(token, &[], later).map(|(user, _)| user)
}

#[test]
fn a_token_says_who_and_ends_in_time() {
    let rest = signing();
    let plain = token(&rest, &json!({}));
    let user = whose(&rest, &plain, 0).unwrap();
    assert_eq!(user.name, "system:serviceaccount:default:web");
    assert_eq!(user.groups, ["system:serviceaccounts", "system:serviceaccounts:default", "system:authenticated"]);
    assert!(whose(&rest, &plain, 3590).is_ok());
    assert_eq!(whose(&rest, &plain, 3600), Err("the token has expired".to_owned()));
    assert!(whose(&rest, &plain, -60).unwrap_err().contains("not valid yet"));
    let vault = token(&rest, &json!({"audiences": ["vault"]}));
    assert!(whose(&rest, &vault, 0).unwrap_err().contains("audience"));
    let (_, fit) = rest.whose_token(&vault, &["vault".into(), "other".into()], Timestamp::now()).unwrap();
    assert_eq!(fit, ["vault"]);
}

#[test]
fn a_token_dies_with_its_pod_and_its_account() {
    let rest = signing();
    let bound = token(&rest, &json!({"boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": "web-0"}}));
    let user = whose(&rest, &bound, 0).unwrap();
    assert_eq!(user.extra["authentication.kubernetes.io/pod-name"], ["web-0"]);
    let now = DeleteOptions { grace: Some(0), ..DeleteOptions::default() };
    rest.delete(&key("pod", "web-0"), &now).unwrap();
    assert!(whose(&rest, &bound, 0).unwrap_err().contains("not found"));
    create(&rest, "pod", pod("web-0"));
    assert!(whose(&rest, &bound, 0).unwrap_err().contains("gone"), "another pod of the same name");
    let plain = token(&rest, &json!({}));
    rest.delete(&key("sa", "web"), &now).unwrap();
    assert!(whose(&rest, &plain, 0).unwrap_err().contains("not found"));
}

#[test]
fn what_can_not_be_granted_is_refused_as_kubernetes_does() {
    let rest = signing();
    let refused = |account: &Key, spec: Value| message(rest.token(account, json!({"spec": spec})));
    let web = key("sa", "web");
    assert_eq!(
        refused(&web, json!({"expirationSeconds": 5})),
        "422 Invalid: ServiceAccount \"web\" is invalid: spec.expirationSeconds: Invalid value: 5: \
         may not specify a duration less than 10 minutes"
    );
    assert!(refused(&key("sa", "db"), json!({})).starts_with("404 NotFound: serviceaccounts \"db\" not found"));
    let pod = |name: &str, uid: &str| json!({"boundObjectRef": {"kind": "Pod", "name": name, "uid": uid}});
    assert!(refused(&web, pod("web-1", "")).starts_with("404 NotFound: pods \"web-1\" not found"));
    assert!(refused(&web, pod("web-0", "x")).starts_with("409 Conflict"));
    create(&rest, "sa", json!({"metadata": {"name": "db"}}));
    assert!(refused(&key("sa", "db"), pod("web-0", "")).contains("different serviceaccount name"));
    assert!(message(rest.token(&web, json!({"kind": "Pod"}))).contains("kind of the body is Pod"));
    assert!(message(super::rest().token(&key("sa", "default"), json!({}))).starts_with("503"), "{:?}", kind("sa"));
}

#[test]
fn a_write_that_is_only_tried_answers_and_changes_nothing() {
    let rest = rest();
    let dry = rest.dry();
    let config = || json!({"metadata": {"name": "a"}, "data": {"k": "v"}});
    let tried = dry.create(kind("cm"), "default", config()).unwrap();
    assert!(!crate::api::object::meta(&tried, "uid").is_empty());
    assert!(rest.get(&key("cm", "a")).is_err());
    let stored = create(&rest, "cm", config());
    assert!(message(dry.create(kind("cm"), "default", config())).starts_with("409 AlreadyExists"));
    let mut changed = stored.clone();
    changed["data"]["k"] = "w".into();
    let tried = dry.update(&key("cm", "a"), super::Subresource::Main, changed).unwrap();
    assert_eq!(tried["data"]["k"], "w");
    dry.delete(&key("cm", "a"), &DeleteOptions::default()).unwrap();
    assert_eq!(rest.get(&key("cm", "a")).unwrap(), stored);
}
