//! Which kind a document is of, and in which words it is refused when wharf has no such kind.

use serde_json::Value;

use crate::api::schema::nearest;
use crate::api::{KINDS, Kind};

/// Kubernetes' other kinds by their group. <https://kubernetes.io/docs/reference/kubernetes-api/>
const OTHERS: &[(&str, &[&str])] = &[
    ("", &["Binding", "ComponentStatus", "LimitRange", "PodTemplate", "ResourceQuota"]),
    (
        "admissionregistration.k8s.io",
        &[
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    ("certificates.k8s.io", &["CertificateSigningRequest", "ClusterTrustBundle"]),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("events.k8s.io", &["Event"]),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("networking.k8s.io", &["IPAddress", "NetworkPolicy", "ServiceCIDR"]),
    ("policy", &["Eviction"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    ("resource.k8s.io", &["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"]),
    ("storage.k8s.io", &["CSIDriver", "CSINode", "CSIStorageCapacity", "VolumeAttachment", "VolumeAttributesClass"]),
];

/// Why a document is of no kind that wharf has.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    /// `apiVersion`, `kind`, or empty.
    pub path: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Files of other tools that are given by mistake.
fn foreign(document: &Value) -> Option<Unknown> {
    let group = document["apiVersion"].as_str().unwrap_or_default();
    let (what, hint) = if group.starts_with("kustomize.config.k8s.io/") || document["resources"].is_array() {
        ("a Kustomization", "render it first: kubectl kustomize FOLDER | wharf apply -f -")
    } else if document["kind"].is_null() && document["services"].is_object() {
        ("a Docker Compose file", "`kompose convert` makes manifests of it")
    } else {
        return None;
    };
    Some(Unknown { path: "", message: format!("this is {what}, no Kubernetes object"), hint: Some(hint.to_owned()) })
}

/// The kind of a document.
///
/// # Errors
/// In which words to refuse it.
pub fn kind_of(document: &Value) -> Result<&'static Kind, Unknown> {
    let refuse = |path, message: &str, hint| Err(Unknown { path, message: message.to_owned(), hint });
    if !document.is_object() {
        return refuse("", "a Kubernetes object is wanted, with apiVersion, kind and metadata", None);
    }
    let text = |field: &str| document[field].as_str().filter(|text| !text.is_empty());
    if let Some(foreign) = foreign(document) {
        return Err(foreign);
    }
    let Some(kind) = text("kind") else {
        return refuse("kind", "required field is missing, or no string", None);
    };
    let row = KINDS.iter().find(|row| row.kind == kind);
    let write = row.map(|row| format!("write apiVersion: {}", row.api_version()));
    let Some(api_version) = text("apiVersion") else {
        return refuse("apiVersion", "required field is missing, or no string", write);
    };
    if let Some(found) = Kind::find(api_version, kind) {
        return Ok(found);
    }
    let group = api_version.rsplit_once('/').map_or("", |(group, _)| group);
    if OTHERS.iter().any(|(g, kinds)| *g == group && kinds.contains(&kind)) {
        let message = format!("{kind} ({api_version}) is a Kubernetes kind that wharf does not have yet");
        return refuse("kind", &message, None);
    }
    if write.is_some() {
        return refuse("apiVersion", &format!("wharf has no {kind} of {api_version}"), write);
    }
    let message = format!("{kind} ({api_version}) is no kind that wharf knows");
    let known = KINDS.iter().map(|k| k.kind).chain(OTHERS.iter().flat_map(|(_, kinds)| kinds.iter().copied()));
    refuse("kind", &message, nearest(kind, known).map(|near| format!("did you mean {near}?")))
}
