//! Reads seccomp profiles: Docker wants a profile itself in the request, not its name.

use std::path::Path;

/// Where profiles lie under the state volume, as they lie under the kubelet's folder: `docker cp profile.json
/// NODE:/var/lib/wharf/seccomp/` puts one there. <https://kubernetes.io/docs/tutorials/security/seccomp/>
const FOLDER: &str = "seccomp";

/// The text of a profile.
///
/// # Errors
/// If it is not there, or is no JSON.
pub fn read(state_root: &Path, name: &str) -> Result<String, String> {
    let path = state_root.join(FOLDER).join(name);
    let failed = |error: &dyn std::fmt::Display| format!("cannot load seccomp profile \"{}\": {error}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|e| failed(&e))?;
    // Docker takes one line, and tells of bad JSON only when the container starts.
    let profile: serde_json::Value = serde_json::from_str(&text).map_err(|e| failed(&e))?;
    Ok(profile.to_string())
}
