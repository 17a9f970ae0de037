//! What a request asks for, in the words that rules have for it.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb>

use super::User;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The verb: `get`, `list`, `create`; that of HTTP in lower case for a path.
    pub verb: String,
    /// What it is done to.
    pub target: Target,
}

/// What a request is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Objects.
    Resource {
        /// The API group; empty for the core group.
        group: String,
        /// The plural.
        resource: String,
        /// The part of the object; empty for the object itself.
        subresource: String,
        /// The namespace; empty for all, and for kinds without namespaces.
        namespace: String,
        /// The name; empty for all.
        name: String,
    },
    /// A path that is no object's.
    Path(String),
}

impl Asked {
    /// A verb on objects.
    #[must_use]
    pub fn resource(verb: &str, group: &str, resource: &str, namespace: &str, name: &str) -> Self {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let target = Target::Resource {
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
        };
        Self { verb: verb.to_owned(), target }
    }

    /// A verb of HTTP on a path.
    #[must_use]
    pub fn path(verb: &str, path: &str) -> Self {
        Self { verb: verb.to_ascii_lowercase(), target: Target::Path(path.to_owned()) }
    }

    /// The namespace that it is about; empty for all.
    #[must_use]
    pub fn namespace(&self) -> &str {
        match &self.target {
            Target::Resource { namespace, .. } => namespace,
            Target::Path(_) => "",
        }
    }

    /// Why the user may not, in Kubernetes' words.
    #[must_use]
    pub fn refusal(&self, user: &User) -> String {
        let (who, verb) = (&user.name, &self.verb);
        let Target::Resource { group, resource, subresource, namespace, name } = &self.target else {
            let Target::Path(path) = &self.target else { return String::new() };
            return format!("forbidden: User \"{who}\" cannot {verb} path \"{path}\"");
        };
        let full = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
        let head = if name.is_empty() { full } else { format!("{full} \"{name}\"") };
        let part = if subresource.is_empty() { resource.clone() } else { format!("{resource}/{subresource}") };
        let place = match namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        format!(
            "{head} is forbidden: User \"{who}\" cannot {verb} resource \"{part}\" in API group \"{group}\" {place}"
        )
    }
}
