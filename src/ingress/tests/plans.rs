//! The way of a configuration into nginx, step by step.

use serde_json::{Value, json};

use super::{ingress, path, rule, service, view};
use crate::api::{Action, Key, Plan, View};
use crate::ingress::Config;
use crate::ingress::plan::{plan, troubles};
use crate::ingress::reload::{Next, Progress, Verdict, Wanted, is_under_way, next, verdict};

/// A node with one Ingress, as it changes by what is planned.
struct Node {
    view: View,
    progress: Progress,
}

impl Node {
    fn new(extra: &[Value]) -> Self {
        let web = ingress("web", json!({"rules": [rule("a.io", &[path("/", "Prefix", "front")])]}));
        let view = view(&[vec![web], service("front", &["10.0.0.1"]).to_vec(), extra.to_vec()].concat());
        Self { view, progress: Progress::default() }
    }

    fn wanted(&self) -> Wanted {
        Wanted::of(&self.view, &Config::default())
    }

    /// Plans, makes it so, and returns the plan with the hash left out.
    fn round(&mut self) -> String {
        let wanted = self.wanted();
        let plan = plan(&self.view, &Config::default(), &wanted, &self.progress);
        self.progress.told = troubles(&self.view, &wanted, &self.progress);
        self.apply(&plan);
        plan.to_string().replace(&wanted.hash, "HASH")
    }

    fn apply(&mut self, plan: &Plan) {
        for step in &plan.steps {
            match &step.action {
                Action::Create(kind, object) | Action::Update(kind, object) | Action::UpdateStatus(kind, object) => {
                    self.view.insert(Key::of(kind, object), (kind.decode)(object).unwrap());
                }
                Action::Delete { key, .. } => self.view.remove(key),
                _ => {}
            }
        }
    }

    fn next(&self) -> Next {
        next(&self.view, &self.wanted(), &self.progress)
    }

    /// nginx runs in this container.
    fn runs(&mut self, container: &str) {
        let mut pod = crate::api::Object::to_value(
            self.view.get::<k8s_openapi::api::core::v1::Pod>("wharf-system", "ingress").unwrap(),
        );
        pod["apiVersion"] = json!("v1");
        pod["kind"] = json!("Pod");
        pod["status"] = json!({"conditions": [{"type": "Ready", "status": "True"}], "containerStatuses": [{
            "name": "nginx", "image": "", "imageID": "", "ready": true, "restartCount": 0,
            "containerID": container, "state": {"running": {}}}]});
        let key = Key::of(crate::api::Kind::find("v1", "Pod").unwrap(), &pod);
        self.view.insert(key.clone(), (key.kind.decode)(&pod).unwrap());
    }
}

#[test]
fn tested_then_good_then_loaded_then_told() {
    let mut node = Node::new(&[]);
    insta::assert_snapshot!(node.round(), @r"
    create Secret wharf-system/ingress-certificates: there is an Ingress of class nginx
    create ConfigMap wharf-system/ingress: there is an Ingress of class nginx
    create Pod wharf-system/ingress: there is an Ingress of class nginx
    ");
    assert_eq!(node.next(), Next::Nothing);
    node.runs("c1");
    assert_eq!(node.next(), Next::Test);
    node.progress.passed = node.wanted().hash;
    insta::assert_snapshot!(node.round(), @"update ConfigMap wharf-system/ingress: configuration HASH is good");
    assert_eq!(node.next(), Next::Reload("c1".to_owned()));
    node.progress.live = Some(("c1".to_owned(), node.wanted().hash));
    assert_eq!(node.next(), Next::Nothing);
    insta::assert_snapshot!(node.round(), @r#"status Ingress shop/web {"loadBalancer":{"ingress":[{"hostname":"localhost"}]}}: nginx serves it"#);
    assert_eq!(node.round(), "");
    // It may have started with what was good before.
    node.runs("c2");
    assert_eq!(node.next(), Next::Reload("c2".to_owned()));
}

#[test]
fn a_refused_configuration_leaves_the_good_one() {
    let mut node = Node::new(&[]);
    node.round();
    node.runs("c1");
    node.progress.rejected = Some((node.wanted().hash, "unknown directive".to_owned()));
    insta::assert_snapshot!(node.round(), @r"
    update ConfigMap wharf-system/ingress: configuration HASH is refused
    warn Ingress shop/web Rejected: nginx keeps the old configuration: unknown directive
    ");
    assert_eq!(node.round(), "");
    assert_eq!(node.next(), Next::Nothing);
    for object in service("front", &["10.0.0.9"]) {
        let changed = view(std::slice::from_ref(&object));
        let kind =
            crate::api::Kind::find(object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap()).unwrap();
        let key = changed.keys(kind).next().unwrap();
        let mut object = object;
        object["metadata"]["namespace"] = json!("shop");
        node.view.insert(key, (kind.decode)(&object).unwrap());
    }
    insta::assert_snapshot!(node.round(), @"update ConfigMap wharf-system/ingress: configuration HASH is to be tested");
    assert_eq!(node.next(), Next::Test);
}

#[test]
fn without_ingresses_there_is_no_nginx() {
    let mut node = Node::new(&[]);
    node.round();
    let key = Key::new(crate::api::Kind::find("networking.k8s.io/v1", "Ingress").unwrap(), "shop", "web");
    node.view.remove(&key);
    insta::assert_snapshot!(node.round(), @r"
    delete Pod wharf-system/ingress: there is no Ingress of class nginx
    delete ConfigMap wharf-system/ingress: there is no Ingress of class nginx
    delete Secret wharf-system/ingress-certificates: there is no Ingress of class nginx
    ");
}

#[test]
fn other_settings_are_another_pod() {
    let mut node = Node::new(&[]);
    node.round();
    let config = Config { http_port: 8080, ..Config::default() };
    let plan = plan(&node.view, &config, &Wanted::of(&node.view, &config), &node.progress).to_string();
    assert!(plan.contains("delete Pod wharf-system/ingress: its settings changed"), "{plan}");
}

#[test]
fn what_nginx_answers() {
    assert_eq!(verdict(0, ""), Verdict::Done);
    let missing = "nginx: [emerg] open() \"/etc/wharf/x.conf\" failed (2: No such file or directory)\n";
    assert_eq!(verdict(1, missing), Verdict::NotYet);
    let bad = "2026/01/01 00:00:00 [emerg] 7#7: unknown directive \"x\" in /etc/wharf/h.conf:3\n\
               nginx: [emerg] unknown directive \"x\" in /etc/wharf/h.conf:3\n\
               nginx: configuration file /etc/wharf/h.conf test failed\n";
    assert_eq!(verdict(1, bad), Verdict::Refused("unknown directive \"x\" in /etc/wharf/h.conf:3".to_owned()));
}

#[test]
fn one_configuration_after_the_other() {
    let mut node = Node::new(&[]);
    node.round();
    let wanted = node.wanted();
    assert!(!is_under_way(&node.view, &wanted, &node.progress), "nothing runs that could be asked");
    node.runs("c1");
    assert!(is_under_way(&node.view, &wanted, &node.progress));
    node.progress.passed.clone_from(&wanted.hash);
    assert!(is_under_way(&node.view, &wanted, &node.progress), "it is still to be loaded");
    node.progress.live = Some(("c1".to_owned(), wanted.hash.clone()));
    assert!(!is_under_way(&node.view, &wanted, &node.progress));
    let refused = Progress { rejected: Some((wanted.hash.clone(), "no".to_owned())), ..Progress::default() };
    assert!(!is_under_way(&node.view, &wanted, &refused));
}
