//! Services, their endpoints, and ingresses.

use super::meta::{OBJECT, STATUS};
use super::row::{Table, moot, not, only, yes};

const ONE_NODE: &str = "there is one node, and one zone";
const APP_PROTOCOL: &str = "it is a hint to load balancers that wharf does not have";

pub(super) const TABLE: Table = &[
    ("Service", &[OBJECT, STATUS, yes(&["spec"])]),
    (
        "ServiceSpec",
        &[
            yes(&["clusterIP", "clusterIPs", "ports", "selector", "type", "externalName", "publishNotReadyAddresses"]),
            only(&["sessionAffinity"], &["None"], ""),
            moot(&["externalTrafficPolicy"], &["Cluster"], "the one node has all endpoints"),
            moot(&["internalTrafficPolicy"], &["Cluster"], "the one node has all endpoints"),
            moot(&["trafficDistribution", "healthCheckNodePort"], &[], ONE_NODE),
            only(&["ipFamilies"], &["IPv4"], "service addresses are IPv4"),
            only(&["ipFamilyPolicy"], &["SingleStack", "PreferDualStack"], "service addresses are IPv4"),
            only(&["allocateLoadBalancerNodePorts"], &["true"], ""),
            not(&["loadBalancerIP"], "host-facing ports bind to the Docker host's own addresses"),
            not(&["externalIPs"], "host-facing ports bind to the Docker host's own addresses"),
        ],
    ),
    (
        "ServicePort",
        &[
            yes(&["name", "nodePort", "port", "targetPort"]),
            only(&["protocol"], &["TCP", "UDP"], ""),
            moot(&["appProtocol"], &[], APP_PROTOCOL),
        ],
    ),
    ("Endpoints", &[OBJECT, not(&["subsets"], "write an EndpointSlice")]),
    ("EndpointSlice", &[OBJECT, yes(&["endpoints", "ports"]), only(&["addressType"], &["IPv4"], "")]),
    (
        "Endpoint",
        &[
            yes(&["addresses", "conditions", "hostname", "nodeName", "targetRef"]),
            moot(&["deprecatedTopology", "hints", "zone"], &[], ONE_NODE),
        ],
    ),
    ("EndpointConditions", &[yes(&["ready", "serving", "terminating"])]),
    (
        "EndpointPort",
        &[yes(&["name", "port"]), only(&["protocol"], &["TCP", "UDP"], ""), moot(&["appProtocol"], &[], APP_PROTOCOL)],
    ),
    ("Ingress", &[OBJECT, STATUS, yes(&["spec"])]),
    ("IngressSpec", &[yes(&["defaultBackend", "ingressClassName", "rules", "tls"])]),
    ("IngressTLS", &[yes(&["hosts", "secretName"])]),
    ("IngressRule", &[yes(&["host", "http"])]),
    ("HTTPIngressRuleValue", &[yes(&["paths"])]),
    ("HTTPIngressPath", &[yes(&["backend", "path", "pathType"])]),
    ("IngressBackend", &[yes(&["service"]), not(&["resource"], "nginx serves from Services")]),
    ("IngressServiceBackend", &[yes(&["name", "port"])]),
    ("ServiceBackendPort", &[yes(&["name", "number"])]),
    ("IngressClass", &[OBJECT, yes(&["spec"])]),
    ("IngressClassSpec", &[yes(&["controller"])]),
];
