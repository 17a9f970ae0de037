//! Users as the API knows them: a name and groups. They are no objects.
//! <https://kubernetes.io/docs/reference/access-authn-authz/authentication/>

use std::collections::BTreeMap;

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// The name, such as `system:serviceaccount:shop:web`.
    pub name: String,
    /// The uid; empty for all but service accounts.
    pub uid: String,
    /// The groups, such as `system:authenticated`.
    pub groups: Vec<String>,
    /// What else is known, such as the pod that a token belongs to.
    pub extra: BTreeMap<String, Vec<String>>,
}

/// The group whose members may do everything.
pub const MASTERS: &str = "system:masters";
/// The group of all who showed who they are.
pub const AUTHENTICATED: &str = "system:authenticated";
/// The group of all who did not.
pub const UNAUTHENTICATED: &str = "system:unauthenticated";
/// The group of all service accounts; with a namespace after a colon, that of those in it.
pub const ACCOUNTS: &str = "system:serviceaccounts";

impl User {
    /// A user who showed who they are.
    #[must_use]
    pub fn authenticated(name: &str, groups: impl IntoIterator<Item = String>) -> Self {
        let mut groups: Vec<_> = groups.into_iter().collect();
        if !groups.iter().any(|g| g == AUTHENTICATED) {
            groups.push(AUTHENTICATED.to_owned());
        }
        Self { name: name.to_owned(), groups, ..Self::default() }
    }

    /// Who may do everything: whoever has access to Docker.
    #[must_use]
    pub fn admin() -> Self {
        Self::authenticated("system:admin", [MASTERS.to_owned()])
    }

    /// Who showed nothing.
    #[must_use]
    pub fn anonymous() -> Self {
        let groups = vec![UNAUTHENTICATED.to_owned()];
        Self { name: "system:anonymous".to_owned(), groups, ..Self::default() }
    }

    /// A service account.
    #[must_use]
    pub fn account(namespace: &str, name: &str, uid: &str) -> Self {
        let groups = [ACCOUNTS.to_owned(), format!("{ACCOUNTS}:{namespace}")];
        let mut user = Self::authenticated(&Self::account_name(namespace, name), groups);
        uid.clone_into(&mut user.uid);
        user
    }

    /// The name of a service account as a user.
    #[must_use]
    pub fn account_name(namespace: &str, name: &str) -> String {
        format!("system:serviceaccount:{namespace}:{name}")
    }

    /// The user with the groups that everybody of this sort is in, where no groups were named.
    #[must_use]
    pub fn with_usual_groups(mut self) -> Self {
        let account = self.name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
        if let (Some((namespace, _)), true) = (account, self.groups.is_empty()) {
            self.groups = vec![ACCOUNTS.to_owned(), format!("{ACCOUNTS}:{namespace}")];
        }
        let known = [AUTHENTICATED, UNAUTHENTICATED];
        if !self.groups.iter().any(|g| known.contains(&g.as_str())) {
            let anonymous = self.name == Self::anonymous().name;
            self.groups.push(if anonymous { UNAUTHENTICATED } else { AUTHENTICATED }.to_owned());
        }
        self
    }

    /// Whether the user may do everything.
    #[must_use]
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|g| g == MASTERS)
    }
}
