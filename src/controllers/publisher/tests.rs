//! Publishers, as plans.

use k8s_openapi::api::core::v1::{Event, Node, Pod, Service};
use serde_json::{Value, json};

use super::{keys, plan};
use crate::api::{Action, Key, Kind, Object, Timestamp, View};

fn service(spec: &Value) -> Service {
    let mut spec = spec.clone();
    spec["clusterIP"] = json!("10.201.128.9");
    serde_json::from_value(json!({"metadata": {"name": "web", "namespace": "shop", "uid": "u"}, "spec": spec})).unwrap()
}

fn balancer() -> Service {
    service(
        &json!({"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30080}, {"port": 53, "protocol": "UDP"}]}),
    )
}

fn node() -> Node {
    serde_json::from_value(json!({"metadata": {"name": "n", "annotations": {"wharf.dev/image": "wharf:abc"}}})).unwrap()
}

fn view(service: &Service, pods: Vec<Pod>) -> View {
    let mut view = View::of([node()]);
    view.extend([service.clone()]);
    view.extend(pods);
    view
}

fn planned(view: &View) -> super::Plan {
    plan(view, &Key::new(Kind::of::<Service>(), "shop", "web"), Timestamp::UNIX_EPOCH)
}

/// The pod that the plan creates, with a status.
fn made(service: &Service, status: &Value) -> Pod {
    let plan = planned(&view(service, vec![]));
    let Action::Create(_, pod) = &plan.steps[0].action else { panic!("{plan}") };
    let mut pod = pod.clone();
    pod["status"] = status.clone();
    serde_json::from_value(pod).unwrap()
}

#[test]
fn a_load_balancer_gets_a_pod_with_its_ports_on_the_host() {
    let plan = planned(&view(&balancer(), vec![]));
    insta::assert_snapshot!(plan, @"create Pod wharf-system/publish-shop-web-vchvt: Service shop/web has ports on the host");
    let pod = made(&balancer(), &json!({})).to_value();
    assert_eq!(
        pod["spec"]["containers"][0],
        json!({
            "name": "publish",
            "image": "wharf:abc",
            "args": ["publish", "tcp:30080=10.201.128.9:80", "tcp:80=10.201.128.9:80", "udp:53=10.201.128.9:53"],
            "ports": [
                {"containerPort": 30080, "hostPort": 30080, "protocol": "TCP"},
                {"containerPort": 80, "hostPort": 80, "protocol": "TCP"},
                {"containerPort": 53, "hostPort": 53, "protocol": "UDP"},
            ],
        })
    );
    assert_eq!(pod["metadata"]["labels"], json!({"wharf.service.namespace": "shop", "wharf.service.name": "web"}));
}

#[test]
fn a_ready_publisher_is_the_load_balancers_status() {
    let ready = made(&balancer(), &json!({"conditions": [{"type": "Ready", "status": "True"}]}));
    insta::assert_snapshot!(planned(&view(&balancer(), vec![ready.clone()])),
        @r#"status Service shop/web {"loadBalancer":{"ingress":[{"hostname":"localhost"}]}}"#);
    let mut told = balancer();
    told.status = serde_json::from_value(json!({"loadBalancer": {"ingress": [{"hostname": "localhost"}]}})).unwrap();
    assert_eq!(planned(&view(&told, vec![ready])).to_string(), "");
    let waiting = made(&balancer(), &json!({}));
    insta::assert_snapshot!(planned(&view(&told, vec![waiting])), @r#"status Service shop/web {"loadBalancer":{}}"#);
}

#[test]
fn what_is_in_the_way_is_told_once() {
    let waiting = json!({"name": "publish", "image": "", "imageID": "", "ready": false, "restartCount": 0,
        "state": {"waiting": {"reason": "CreateContainerError", "message": "port 80 is already allocated"}}});
    let stuck = made(&balancer(), &json!({"containerStatuses": [waiting]}));
    let plan = planned(&view(&balancer(), vec![stuck.clone()]));
    insta::assert_snapshot!(plan.steps[0].action, @"warn Service shop/web NotPublished: its ports are not on the host: CreateContainerError: port 80 is already allocated");
    let Action::UpdateStatus(_, told) = &plan.steps[1].action else { panic!("{plan}") };
    let told: Service = serde_json::from_value(told.clone()).unwrap();
    assert_eq!(planned(&view(&told, vec![stuck])).to_string(), "");
    let ready = made(&balancer(), &json!({"conditions": [{"type": "Ready", "status": "True"}]}));
    insta::assert_snapshot!(planned(&view(&told, vec![ready])),
        @r#"status Service shop/web {"loadBalancer":{"ingress":[{"hostname":"localhost"}]}}"#);
}

#[test]
fn other_ports_are_another_pod_and_none_is_no_pod() {
    let pod = made(&balancer(), &json!({}));
    let other = service(&json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30081}]}));
    insta::assert_snapshot!(planned(&view(&other, vec![pod.clone()])),
        @"delete Pod wharf-system/publish-shop-web-vchvt: the ports of Service shop/web changed");
    let inside = service(&json!({"type": "ClusterIP", "ports": [{"port": 80}]}));
    insta::assert_snapshot!(planned(&view(&inside, vec![pod.clone()])),
        @"delete Pod wharf-system/publish-shop-web-vchvt: Service shop/web has no ports on the host");
    let mut gone = View::of([node()]);
    gone.extend([pod]);
    insta::assert_snapshot!(planned(&gone),
        @"delete Pod wharf-system/publish-shop-web-vchvt: Service shop/web has no ports on the host");
}

#[test]
fn a_publisher_that_is_gone_still_concerns_its_service() {
    let view = view(&balancer(), vec![]);
    let service = Key::new(Kind::of::<Service>(), "shop", "web");
    let pod = Key::new(Kind::of::<Pod>(), "wharf-system", "publish-shop-web-vchvt");
    assert_eq!(keys(&view, &pod), std::slice::from_ref(&service));
    assert_eq!(keys(&view, &node().key()), std::slice::from_ref(&service));
    let mut event = Event::default();
    event.metadata.namespace = Some("wharf-system".to_owned());
    event.metadata.name = Some("publish-shop-web-vchvt.1".to_owned());
    event.involved_object.name = Some("publish-shop-web-vchvt".to_owned());
    let mut told = view.clone();
    told.extend([event.clone()]);
    assert_eq!(keys(&told, &event.key()), [service], "an event may be all that tells why it does not run");
    assert_eq!(keys(&view, &Key::new(Kind::of::<Pod>(), "shop", "publish-shop-web-vchvt")), []);
}
