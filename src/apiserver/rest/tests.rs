//! What Kubernetes promises of the verbs, on a store in memory.

mod tokens;

use serde_json::{Value, json};

use super::{Config, Rest, Subresource};
use crate::api::object::meta;
use crate::api::{Key, Kind, Ranges};
use crate::apiserver::{DeleteOptions, Error, ListOptions, Patch};
use crate::store::Store;

pub fn rest() -> Rest {
    let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
    Rest::new(Store::in_memory().unwrap(), Config { node: "test".into(), ranges }).unwrap()
}

fn kind(word: &str) -> &'static Kind {
    Kind::by_word(word).unwrap()
}

fn key(word: &str, name: &str) -> Key {
    Key::new(kind(word), "default", name)
}

fn deployment(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": 2, "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
    })
}

fn pod(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"nodeName": "test", "containers": [{"name": "c", "image": "i"}]}})
}

fn service(name: &str, spec: &Value) -> Value {
    json!({"metadata": {"name": name}, "spec": spec})
}

fn create(rest: &Rest, word: &str, object: Value) -> Value {
    rest.create(kind(word), "default", object).unwrap()
}

fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    let error = result.unwrap_err();
    format!("{} {}: {}", error.code().0, error.code().1, error.message())
}

#[test]
fn the_server_writes_its_part_of_metadata() {
    let rest = rest();
    let mut given = deployment("web");
    given["status"] = json!({"replicas": 7});
    given["metadata"]["uid"] = "mine".into();
    let new = create(&rest, "deploy", given);
    assert_eq!(meta(&new, "uid").len(), 36);
    assert_eq!((&new["metadata"]["generation"], &new["metadata"]["namespace"]), (&json!(1), &json!("default")));
    assert!(new["status"]["replicas"].is_null());
    let mut named = pod("");
    named["metadata"] = json!({"generateName": "web-"});
    let named = create(&rest, "pod", named);
    assert_eq!((meta(&named, "name").len(), &named["status"]["phase"]), (9, &json!("Pending")));
}

#[test]
fn refusals_are_worded_as_kubernetes_does() {
    let rest = rest();
    create(&rest, "deploy", deployment("web"));
    let again = message(rest.create(kind("deploy"), "default", deployment("web")));
    assert_eq!(again, "409 AlreadyExists: deployments.apps \"web\" already exists");
    let lost = message(rest.get(&key("deploy", "db")));
    assert_eq!(lost, "404 NotFound: deployments.apps \"db\" not found");
    assert_eq!(
        message(rest.create(kind("cm"), "shop", json!({"metadata": {"name": "x"}}))),
        "404 NotFound: namespaces \"shop\" not found"
    );
    let wrong = json!({"kind": "Pod", "metadata": {"name": "x"}});
    assert_eq!(
        message(rest.create(kind("cm"), "default", wrong)),
        "400 BadRequest: kind of the body is Pod, that of the path is ConfigMap"
    );
}

#[test]
fn an_update_keeps_status_and_counts_generations() {
    let rest = rest();
    let web = key("deploy", "web");
    let first = create(&rest, "deploy", deployment("web"));
    let mut status = first.clone();
    status["status"] = json!({"replicas": 2});
    status["spec"]["replicas"] = 9.into();
    let second = rest.update(&web, Subresource::Status, status).unwrap();
    assert_eq!((&second["spec"]["replicas"], &second["metadata"]["generation"]), (&json!(2), &json!(1)));
    let stale = message(rest.update(&web, Subresource::Main, first.clone()));
    assert_eq!(
        stale,
        "409 Conflict: Operation cannot be fulfilled on deployments.apps \"web\": \
         the object has been modified; please apply your changes to the latest version and try again"
    );
    let mut third = deployment("web");
    third["spec"]["replicas"] = 3.into();
    let third = rest.update(&web, Subresource::Main, third).unwrap();
    assert_eq!((&third["status"]["replicas"], &third["metadata"]["generation"]), (&json!(2), &json!(2)));
    assert_eq!(meta(&third, "uid"), meta(&first, "uid"));
    let same = rest.update(&web, Subresource::Main, third.clone()).unwrap();
    assert_eq!(same, third, "an update that changes nothing writes nothing");
    let mut replicas = rest.scale(&web).unwrap();
    assert_eq!(replicas["status"], json!({"replicas": 2, "selector": "app=web"}));
    replicas["spec"]["replicas"] = 5.into();
    rest.update(&web, Subresource::Scale, replicas).unwrap();
    assert_eq!(rest.get(&web).unwrap()["spec"]["replicas"], 5);
    assert!(matches!(Subresource::of(kind("cm"), "status"), Err(Error::NoSuchPath)));
}

#[test]
fn finalizers_and_grace_hold_an_object() {
    let rest = rest();
    let mut config = json!({"metadata": {"name": "c", "finalizers": ["a/b"]}});
    create(&rest, "cm", config.clone());
    let held = rest.delete(&key("cm", "c"), &DeleteOptions::default()).unwrap();
    assert!(held["metadata"]["deletionTimestamp"].is_string());
    config["metadata"]["finalizers"] = json!(["a/b", "c/d"]);
    assert!(message(rest.update(&key("cm", "c"), Subresource::Main, config.clone())).starts_with("403 Forbidden"));
    config["metadata"]["finalizers"] = json!([]);
    rest.update(&key("cm", "c"), Subresource::Main, config).unwrap();
    assert!(rest.get(&key("cm", "c")).unwrap_err().code().0 == 404);

    let new = create(&rest, "pod", pod("p"));
    let other = DeleteOptions { uid: Some("x".into()), ..DeleteOptions::default() };
    assert!(message(rest.delete(&key("pod", "p"), &other)).contains("Precondition failed: UID"));
    let ending = rest.delete(&key("pod", "p"), &DeleteOptions::default()).unwrap();
    assert_eq!(ending["metadata"]["deletionGracePeriodSeconds"], 30);
    assert_eq!(rest.delete(&key("pod", "p"), &DeleteOptions::default()).unwrap(), ending);
    let uid = Some(meta(&new, "uid").to_owned());
    rest.delete(&key("pod", "p"), &DeleteOptions { uid, grace: Some(0), ..DeleteOptions::default() }).unwrap();
    assert!(matches!(rest.get(&key("pod", "p")), Err(Error::NotFound(_))));

    create(&rest, "deploy", deployment("web"));
    let foreground = DeleteOptions { propagation: Some("Foreground".into()), ..DeleteOptions::default() };
    let held = rest.delete(&key("deploy", "web"), &foreground).unwrap();
    assert_eq!(held["metadata"]["finalizers"], json!(["foregroundDeletion"]));
    let kept = ListOptions { labels: "app in (web)".into(), ..ListOptions::default() };
    assert_eq!(rest.delete_collection(kind("deploy"), &kept, &DeleteOptions::default()).unwrap().len(), 1);
}

#[test]
fn a_namespace_ends_when_it_is_finalized() {
    let rest = rest();
    let shop = Key::new(kind("ns"), "", "shop");
    rest.create(kind("ns"), "", json!({"metadata": {"name": "shop"}})).unwrap();
    let ending = rest.delete(&shop, &DeleteOptions::default()).unwrap();
    assert_eq!(ending["status"]["phase"], "Terminating");
    let late = message(rest.create(kind("cm"), "shop", json!({"metadata": {"name": "x"}})));
    assert_eq!(
        late,
        "403 Forbidden: configmaps \"x\" is forbidden: \
         unable to create new content in namespace shop because it is being terminated"
    );
    let mut done = ending;
    done["spec"]["finalizers"] = json!([]);
    rest.update(&shop, Subresource::Finalize, done).unwrap();
    assert!(matches!(rest.get(&shop), Err(Error::NotFound(_))));
    assert!(message(rest.delete(&Key::new(kind("ns"), "", "default"), &DeleteOptions::default())).starts_with("403"));
}

#[test]
fn services_get_stable_addresses_and_ports() {
    let rest = rest();
    let web = service("web", &json!({"type": "NodePort", "ports": [{"port": 80}]}));
    let first = create(&rest, "svc", web.clone());
    let again = rest.update(&key("svc", "web"), Subresource::Main, web.clone()).unwrap();
    assert_eq!(again, first, "left out means unchanged");
    let ip = first["spec"]["clusterIP"].as_str().unwrap();
    let mut moved = web.clone();
    moved["spec"]["clusterIP"] = "10.201.128.9".into();
    let refused = message(rest.update(&key("svc", "web"), Subresource::Main, moved));
    assert!(
        refused.ends_with("spec.clusterIPs[0]: Invalid value: [\"10.201.128.9\"]: may not change once set"),
        "{refused}"
    );
    let port = &first["spec"]["ports"][0]["nodePort"];
    let taken = service("b", &json!({"type": "NodePort", "clusterIP": ip, "ports": [{"port": 1}]}));
    assert!(message(rest.create(kind("svc"), "default", taken)).ends_with("provided IP is already allocated"));
    let taken = service("b", &json!({"type": "NodePort", "ports": [{"port": 1, "nodePort": port}]}));
    assert!(message(rest.create(kind("svc"), "default", taken)).ends_with("provided port is already allocated"));
    let plain = rest
        .update(
            &key("svc", "web"),
            Subresource::Main,
            service("web", &json!({"ports": [{"port": 80, "nodePort": port}]})),
        )
        .unwrap();
    assert_eq!((&plain["spec"]["clusterIP"], plain["spec"]["ports"][0].get("nodePort")), (&json!(ip), None));
    rest.delete(&key("svc", "web"), &DeleteOptions::default()).unwrap();
    assert_eq!(create(&rest, "svc", web)["spec"], first["spec"], "a Service that comes back gets the same");
    let headless = create(&rest, "svc", service("h", &json!({"clusterIP": "None"})));
    assert_eq!(headless["spec"]["clusterIPs"], json!(["None"]));
    let external = create(&rest, "svc", service("e", &json!({"type": "ExternalName", "externalName": "a.b"})));
    assert!(external["spec"].get("clusterIP").is_none());
}

#[test]
fn selectors_narrow_lists() {
    let rest = rest();
    for (name, node) in [("a", "one"), ("b", "two"), ("c", "")] {
        let mut pod = pod(name);
        pod["spec"]["nodeName"] = node.into();
        pod["metadata"]["labels"] = json!({"app": name});
        create(&rest, "pod", pod);
    }
    let names = |labels: &str, fields: &str| {
        let options = ListOptions { namespace: None, labels: labels.into(), fields: fields.into() };
        let list = rest.list(kind("pod"), &options).unwrap();
        list.items.iter().map(|i| meta(i, "name").to_owned()).collect::<String>()
    };
    assert_eq!(names("app!=a", ""), "bc");
    assert_eq!(names("", "spec.nodeName="), "c");
    assert_eq!(names("", "spec.nodeName!=one,metadata.namespace==default"), "bc");
    let bad = ListOptions { fields: "what".into(), ..ListOptions::default() };
    assert!(matches!(rest.list(kind("pod"), &bad), Err(Error::BadRequest(_))));
}

#[test]
fn patches_change_what_they_name() {
    let rest = rest();
    let web = key("deploy", "web");
    create(&rest, "deploy", deployment("web"));
    let merged =
        rest.patch(&web, Subresource::Main, Patch::Merge(json!({"metadata": {"labels": {"app": null, "x": "y"}}})));
    assert_eq!(merged.unwrap()["metadata"]["labels"], json!({"x": "y"}));
    let json = json!([
        {"op": "test", "path": "/spec/replicas", "value": 2},
        {"op": "replace", "path": "/spec/replicas", "value": 4},
    ]);
    assert_eq!(rest.patch(&web, Subresource::Main, Patch::Json(json.clone())).unwrap()["spec"]["replicas"], 4);
    assert!(message(rest.patch(&web, Subresource::Main, Patch::Json(json))).starts_with("400"));
    let scaled = rest.patch(&web, Subresource::Scale, Patch::Merge(json!({"spec": {"replicas": 6}}))).unwrap();
    assert_eq!((&scaled["kind"], &scaled["spec"]["replicas"]), (&json!("Scale"), &json!(6)));
}

#[test]
fn apply_creates_then_changes_only_what_changed() {
    let rest = rest();
    let web = key("deploy", "web");
    let apply = |object: Value, manager: &str, force| {
        rest.patch(&web, Subresource::Main, Patch::Apply { object, manager: manager.into(), force })
    };
    let first = apply(deployment("web"), "wharf", false).unwrap();
    assert_eq!(apply(deployment("web"), "wharf", false).unwrap(), first, "nothing changed, nothing is written");
    let mut less = deployment("web");
    less["metadata"].as_object_mut().unwrap().remove("labels");
    let second = apply(less, "wharf", false).unwrap();
    assert!(second["metadata"]["labels"].get("app").is_none());
    let mut theirs =
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 8}});
    let refused = message(apply(theirs.clone(), "ci", false));
    assert_eq!(refused, "409 Conflict: Apply failed with 1 conflict: conflict with \"wharf\": .spec.replicas");
    assert_eq!(apply(theirs.clone(), "ci", true).unwrap()["spec"]["replicas"], 8);
    theirs["spec"]["replicas"] = 9.into();
    assert_eq!(apply(theirs, "ci", false).unwrap()["spec"]["replicas"], 9);
}

#[test]
fn a_secret_key_that_is_left_out_goes() {
    let rest = rest();
    let secret = |strings: Value| {
        let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": strings});
        let patch = Patch::Apply { object, manager: "wharf".into(), force: false };
        rest.patch(&key("secret", "s"), Subresource::Main, patch).unwrap()["data"].clone()
    };
    assert_eq!(secret(json!({"a": "1", "b": "2"})), json!({"a": "MQ==", "b": "Mg=="}));
    assert_eq!(secret(json!({"b": "3"})), json!({"b": "Mw=="}));
}

#[test]
fn claims_and_ingresses_that_name_no_class_get_the_default_one() {
    let rest = rest();
    let class = |rest: &Rest, word: &str, name: &str, provisioner: Value| {
        let prefix = kind(word).singular;
        let annotations = json!({format!("{prefix}.kubernetes.io/is-default-class"): "true"});
        let mut class = json!({"metadata": {"name": name, "annotations": annotations}});
        class.as_object_mut().unwrap().extend(provisioner.as_object().unwrap().clone());
        rest.create(kind(word), "", class).unwrap();
    };
    let claim = |name: &str, class: Value| {
        let spec = json!({"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": class});
        create(&rest, "pvc", json!({"metadata": {"name": name}, "spec": spec}))["spec"]["storageClassName"].clone()
    };
    let ingress = |name: &str, annotations: Value| {
        let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
        let metadata = json!({"name": name, "annotations": annotations});
        let ingress = json!({"metadata": metadata, "spec": {"defaultBackend": backend}});
        rest.create(kind("ingress"), "default", ingress)
    };
    assert_eq!(claim("none", Value::Null), Value::Null);
    class(&rest, "storageclass", "standard", json!({"provisioner": "x"}));
    assert_eq!(claim("left-out", Value::Null), "standard");
    assert_eq!(claim("empty", "".into()), "", "asks for none");
    class(&rest, "ingressclass", "nginx", json!({"spec": {"controller": "x/y"}}));
    assert_eq!(ingress("a", json!({})).unwrap()["spec"]["ingressClassName"], "nginx");
    let old = ingress("b", json!({"kubernetes.io/ingress.class": "other"})).unwrap();
    assert_eq!(old["spec"]["ingressClassName"], Value::Null);
    class(&rest, "ingressclass", "second", json!({"spec": {"controller": "x/y"}}));
    assert!(message(ingress("c", json!({}))).contains("2 default IngressClasses were found, only 1 allowed"));
}

#[test]
fn pods_get_priority_and_overhead_from_their_classes_alone() {
    let rest = rest();
    let class = |name: &str, value: i64, default: bool| json!({"metadata": {"name": name}, "value": value, "globalDefault": default});
    rest.create(kind("pc"), "", class("high", 1000, false)).unwrap();
    let with = |name: &str, spec: Value| {
        let mut pod = pod(name);
        pod["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        rest.create(kind("pod"), "default", pod)
    };
    let plain = with("a", json!({})).unwrap();
    assert_eq!(
        (&plain["spec"]["priority"], &plain["spec"]["preemptionPolicy"]),
        (&json!(0), &json!("PreemptLowerPriority"))
    );
    assert_eq!(with("b", json!({"priorityClassName": "high"})).unwrap()["spec"]["priority"], 1000);
    assert!(
        message(with("c", json!({"priorityClassName": "no"}))).ends_with("no PriorityClass with name no was found")
    );
    assert!(
        message(with("c", json!({"priority": 5}))).contains("the integer value of priority (5) must not be provided")
    );
    rest.create(kind("pc"), "", class("usual", 7, true)).unwrap();
    let usual = with("d", json!({})).unwrap();
    assert_eq!((&usual["spec"]["priority"], &usual["spec"]["priorityClassName"]), (&json!(7), &json!("usual")));
    let second = message(rest.create(kind("pc"), "", class("other", 8, true)));
    assert!(
        second.ends_with("PriorityClass usual is already marked as default. Only one default can exist"),
        "{second}"
    );
    let mut without = usual.clone();
    without["spec"].as_object_mut().unwrap().remove("priority");
    assert_eq!(rest.update(&key("pod", "d"), Subresource::Main, without).unwrap(), usual, "left out means unchanged");

    let tolerations = json!([{"key": "a", "operator": "Exists"}]);
    let runtime = json!({"metadata": {"name": "box"}, "handler": "runsc", "overhead": {"podFixed": {"memory": "64Mi"}},
        "scheduling": {"nodeSelector": {"kvm": "yes"}, "tolerations": tolerations}});
    rest.create(kind("runtimeclasses"), "", runtime).unwrap();
    let boxed = with("e", json!({"runtimeClassName": "box"})).unwrap()["spec"].clone();
    assert_eq!((&boxed["overhead"], &boxed["nodeSelector"]), (&json!({"memory": "64Mi"}), &json!({"kvm": "yes"})));
    assert_eq!(boxed["tolerations"], tolerations);
    let told = |spec: Value| message(with("f", spec)).split_once("pod rejected: ").unwrap().1.to_owned();
    assert_eq!(told(json!({"runtimeClassName": "no"})), "RuntimeClass \"no\" not found");
    assert_eq!(
        told(json!({"overhead": {"cpu": "1"}})),
        "Pod Overhead set without corresponding RuntimeClass defined Overhead"
    );
    let other = json!({"runtimeClassName": "box", "nodeSelector": {"kvm": "no"}});
    assert_eq!(
        told(other),
        "conflict: runtimeClass.scheduling.nodeSelector[kvm] = yes; pod.spec.nodeSelector[kvm] = no"
    );
}
