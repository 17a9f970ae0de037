//! The Service `kubernetes`, at which pods find the API: always the first service address. Pure.
//! <https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/>

use k8s_openapi::api::core::v1::{
    EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Service, ServicePort, ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::{Plan, Ranges, View};

/// The port of the API on the node.
pub const PORT: u16 = 6443;
const NAME: &str = "kubernetes";
const PORT_NAME: &str = "https";

/// Makes the Service and its Endpoints where they are missing, and the Endpoints lead to the node.
pub fn plan(view: &View, ranges: &Ranges, plan: &mut Plan) {
    let why = "pods find the API there";
    if view.get::<Service>("default", NAME).is_none() {
        // A node that is older than this Service may have given the address away.
        let address = ranges.services.at(1).to_string();
        let taken = |s: &Service| s.spec.as_ref().and_then(|s| s.cluster_ip.as_ref()) == Some(&address);
        let address = (!view.all::<Service>().any(taken)).then_some(address);
        plan.create(&service(address), why);
    }
    let wanted = endpoints(ranges);
    match view.get::<Endpoints>("default", NAME) {
        None => plan.create(&wanted, why),
        Some(there) if there.subsets != wanted.subsets => {
            plan.update(&Endpoints { subsets: wanted.subsets, ..there.clone() }, "the API is at another address");
        }
        Some(_) => {}
    }
}

fn service(address: Option<String>) -> Service {
    let port = ServicePort {
        name: Some(PORT_NAME.to_owned()),
        port: 443,
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::Int(PORT.into())),
        ..ServicePort::default()
    };
    let labels = [("component", "apiserver"), ("provider", "kubernetes")];
    Service {
        metadata: ObjectMeta { labels: Some(labels.map(|(k, v)| (k.to_owned(), v.to_owned())).into()), ..named() },
        spec: Some(ServiceSpec { cluster_ip: address, ports: Some(vec![port]), ..ServiceSpec::default() }),
        status: None,
    }
}

fn endpoints(ranges: &Ranges) -> Endpoints {
    let address = EndpointAddress { ip: ranges.node.to_string(), ..EndpointAddress::default() };
    let port = EndpointPort {
        name: Some(PORT_NAME.to_owned()),
        port: PORT.into(),
        protocol: Some("TCP".to_owned()),
        ..EndpointPort::default()
    };
    let subset =
        EndpointSubset { addresses: Some(vec![address]), ports: Some(vec![port]), ..EndpointSubset::default() };
    Endpoints { metadata: named(), subsets: Some(vec![subset]) }
}

fn named() -> ObjectMeta {
    ObjectMeta { name: Some(NAME.to_owned()), namespace: Some("default".to_owned()), ..ObjectMeta::default() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_address_is_the_apis_unless_somebody_has_it() {
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let planned = |view: &View| {
            let mut made = Plan::nothing();
            plan(view, &ranges, &mut made);
            made
        };
        let made = planned(&View::default());
        insta::assert_snapshot!(made, @r"
        create Service default/kubernetes: pods find the API there
        create Endpoints default/kubernetes: pods find the API there
        ");
        let crate::api::Action::Create(_, service) = &made.steps[0].action else { panic!("{made}") };
        assert_eq!(service["spec"]["clusterIP"], "10.201.128.1");
        let other: Service = serde_json::from_value(json!({
            "metadata": {"name": "old", "namespace": "shop"}, "spec": {"clusterIP": "10.201.128.1"},
        }))
        .unwrap();
        let made = planned(&View::of([other]));
        let crate::api::Action::Create(_, service) = &made.steps[0].action else { panic!("{made}") };
        assert!(service["spec"]["clusterIP"].is_null());
    }

    #[test]
    fn what_is_as_it_should_be_is_left_alone() {
        let ranges = Ranges::of("10.201.0.0/16".parse().unwrap()).unwrap();
        let mut view = View::of([service(None)]);
        view.extend([endpoints(&ranges)]);
        let mut made = Plan::nothing();
        plan(&view, &ranges, &mut made);
        assert_eq!(made.to_string(), "");
    }
}
