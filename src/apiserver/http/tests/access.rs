//! Who gets in, and what they may do there.

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json};

use super::{Api, NoPods, Peer, rest, send};
use crate::api::rbac::{User, bootstrap};
use crate::api::{Action, Key, Kind, View};
use crate::apiserver::Rest;
use crate::apiserver::access::{Authority, Signer};

/// An API whose view shows its own roles and bindings.
fn api() -> Api {
    let rest = rest().signing(Signer::of(&Signer::generate().unwrap()).unwrap());
    for step in bootstrap(&View::default()).steps {
        let Action::Create(kind, object) = step.action else { panic!("{}", step.action) };
        rest.create(kind, "", object).unwrap();
    }
    let store = rest.clone();
    let now = crate::api::Timestamp::now();
    let authority = Authority::of("test", Authority::generate("test", now).unwrap()).unwrap();
    Api::new(rest, Arc::new(NoPods), Arc::new(move || Arc::new(view(&store)))).certifying(Arc::new(authority))
}

fn view(rest: &Rest) -> View {
    let mut view = View::default();
    for word in ["role", "rolebinding", "clusterrole", "clusterrolebinding"] {
        let kind = Kind::by_word(word).unwrap();
        for object in rest.list(kind, &crate::apiserver::ListOptions::default()).unwrap().items {
            view.insert(Key::of(kind, &object), (kind.decode)(&object).unwrap());
        }
    }
    view
}

fn ann() -> Peer {
    Peer::Far(Some(User::authenticated("ann", ["team".to_owned()])))
}

async fn ask(
    api: &Api,
    peer: &Peer,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: &Value,
) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut all = vec![("content-type", "application/json")];
    all.extend(headers);
    let (code, text) = send(api.clone(), peer.clone(), method, path, &all, body).await;
    (code, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

async fn get(api: &Api, peer: &Peer, path: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    ask(api, peer, Method::GET, path, headers, &Value::Null).await
}

const PODS: &str = "/api/v1/namespaces/default/pods";

#[tokio::test]
async fn nobody_gets_in_without_a_credential_but_to_ask_how_the_server_is() {
    let api = api();
    let nobody = Peer::Far(None);
    for path in ["/healthz", "/livez", "/readyz", "/version"] {
        assert_eq!(get(&api, &nobody, path, &[]).await.0, 200, "{path}");
    }
    for path in [PODS, "/api", "/apis", "/openapi/v3", "/wharf/certificates", "/nothing"] {
        let (code, status) = get(&api, &nobody, path, &[]).await;
        assert_eq!(
            (code, &status["reason"], &status["message"]),
            (401, &json!("Unauthorized"), &json!("Unauthorized"))
        );
    }
    assert_eq!(get(&api, &nobody, "/version", &[("authorization", "Bearer forged")]).await.0, 401);
    assert_eq!(get(&api, &Peer::Local, PODS, &[]).await.0, 200, "the socket is the owner's");
}

#[tokio::test]
async fn a_service_account_may_do_what_a_role_grants_and_nothing_more() {
    let api = api();
    let nobody = Peer::Far(None);
    let make = |word: &str, object: Value| api.rest.create(Kind::by_word(word).unwrap(), "default", object).unwrap();
    make("sa", json!({"metadata": {"name": "web"}}));
    let key = Key::new(Kind::by_word("sa").unwrap(), "default", "web");
    let token = api.rest.token(&key, json!({})).unwrap()["status"]["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let (code, status) = get(&api, &nobody, PODS, &headers).await;
    assert_eq!((code, &status["details"]["kind"]), (403, &json!("pods")));
    assert_eq!(
        status["message"],
        "pods is forbidden: User \"system:serviceaccount:default:web\" cannot list resource \"pods\" in API group \"\" \
         in the namespace \"default\""
    );
    make(
        "role",
        json!({"metadata": {"name": "r"}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}]}),
    );
    make(
        "rolebinding",
        json!({
            "metadata": {"name": "r"}, "roleRef": {"kind": "Role", "name": "r"},
            "subjects": [{"kind": "ServiceAccount", "name": "web"}],
        }),
    );
    assert_eq!(get(&api, &nobody, PODS, &headers).await.0, 200);
    assert_eq!(get(&api, &nobody, "/api/v1/pods", &headers).await.0, 403, "other namespaces");
    let pod = json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    assert_eq!(ask(&api, &nobody, Method::POST, PODS, &headers, &pod).await.0, 403);
    let apply = [headers[0], ("content-type", "application/apply-patch+yaml")];
    let path = format!("{PODS}/p?fieldManager=m");
    let applied = send(api.clone(), nobody.clone(), Method::PATCH, &path, &apply, pod.to_string());
    assert_eq!(applied.await.0, 403, "an apply is a patch");
    let mut roots = Vec::new();
    for path in ["/api", "/apis/apps/v1", "/openapi/v3/apis/apps/v1"] {
        roots.push(get(&api, &nobody, path, &headers).await.0);
    }
    assert_eq!(roots, [200, 200, 200], "everybody known may look around");
}

#[tokio::test]
async fn nobody_grants_by_a_role_what_they_may_not_do() {
    let api = api();
    let make = |word: &str, object: Value| api.rest.create(Kind::by_word(word).unwrap(), "default", object).unwrap();
    make(
        "rolebinding",
        json!({
            "metadata": {"name": "admins"}, "roleRef": {"kind": "ClusterRole", "name": "system:aggregate-to-admin"},
            "subjects": [{"kind": "Group", "name": "team"}],
        }),
    );
    let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
    let role = |resource: &str, group: &str| {
        json!({
            "metadata": {"name": "r"}, "rules": [{"apiGroups": [group], "resources": [resource], "verbs": ["create"]}],
        })
    };
    let (code, status) = ask(&api, &ann(), Method::POST, roles, &[], &role("secrets", "")).await;
    assert_eq!(code, 403);
    assert!(
        status["message"].as_str().unwrap().contains("is attempting to grant RBAC permissions not currently held"),
        "{status}"
    );
    let own = role("roles", "rbac.authorization.k8s.io");
    assert_eq!(ask(&api, &ann(), Method::POST, roles, &[], &own).await.0, 201);
    let patch = [("content-type", "application/merge-patch+json")];
    let more = role("*", "*").to_string();
    let (code, _) = send(api.clone(), ann(), Method::PATCH, &format!("{roles}/r"), &patch, more).await;
    assert_eq!(code, 403, "nor by changing one");
}

#[tokio::test]
async fn reviews_answer_who_one_is_and_what_one_may() {
    let api = api();
    let reviews = "/apis/authorization.k8s.io/v1";
    let body = json!({"spec": {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "default"}}});
    let path = format!("{reviews}/selfsubjectaccessreviews");
    assert_eq!(ask(&api, &ann(), Method::POST, &path, &[], &body).await.1["status"], json!({"allowed": false}));
    assert_eq!(ask(&api, &Peer::Local, Method::POST, &path, &[], &body).await.1["status"], json!({"allowed": true}));
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let (code, who) = ask(&api, &ann(), Method::POST, path, &[], &json!({})).await;
    assert_eq!((code, &who["status"]["userInfo"]["username"]), (201, &json!("ann")));
    let path = format!("{reviews}/subjectaccessreviews");
    assert_eq!(ask(&api, &ann(), Method::POST, &path, &[], &body).await.0, 403, "asking about others takes a right");
    let mut masters = body.clone();
    masters["spec"]["groups"] = json!(["system:masters"]);
    assert_eq!(ask(&api, &Peer::Local, Method::POST, &path, &[], &masters).await.1["status"]["allowed"], true);
    let rules = json!({"spec": {"namespace": "default"}});
    let (_, rules) = ask(&api, &ann(), Method::POST, &format!("{reviews}/selfsubjectrulesreviews"), &[], &rules).await;
    assert!(rules["status"]["nonResourceRules"].as_array().is_some_and(|r| !r.is_empty()), "{rules}");
    let key = Key::new(Kind::by_word("sa").unwrap(), "default", "web");
    api.rest.create(key.kind, "default", json!({"metadata": {"name": "web"}})).unwrap();
    let token = api.rest.token(&key, json!({})).unwrap()["status"]["token"].clone();
    let path = "/apis/authentication.k8s.io/v1/tokenreviews";
    let (_, told) = ask(&api, &Peer::Local, Method::POST, path, &[], &json!({"spec": {"token": token}})).await;
    assert_eq!(told["status"]["user"]["username"], "system:serviceaccount:default:web");
    let (_, told) = ask(&api, &Peer::Local, Method::POST, path, &[], &json!({"spec": {"token": "x"}})).await;
    assert_eq!((&told["status"]["authenticated"], &told["spec"]["token"]), (&json!(false), &json!("")));
}

#[tokio::test]
async fn the_owner_may_be_taken_for_others_and_others_may_not() {
    let api = api();
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let as_web = [("impersonate-user", "system:serviceaccount:shop:web")];
    let (_, who) = ask(&api, &Peer::Local, Method::POST, path, &as_web, &json!({})).await;
    assert_eq!(who["status"]["userInfo"]["groups"][1], "system:serviceaccounts:shop");
    assert_eq!(get(&api, &Peer::Local, PODS, &as_web).await.0, 403, "with their rights alone");
    let as_master = [("impersonate-user", "root"), ("impersonate-group", "system:masters")];
    assert_eq!(get(&api, &ann(), PODS, &as_master).await.0, 403);
    let (code, made) =
        ask(&api, &Peer::Local, Method::POST, "/wharf/certificates", &[], &json!({"user": "bob", "group": "g"})).await;
    assert!(code == 201 && made["certificate"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE"), "{code}");
    assert_eq!(ask(&api, &ann(), Method::POST, "/wharf/certificates", &[], &json!({"user": "root"})).await.0, 403);
}
