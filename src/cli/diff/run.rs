//! Runs `wharf diff`.

use super::text;
use crate::cli::apply;
use crate::cli::args::Diff;
use crate::cli::error::{Error, Kind as Sort};
use crate::cli::session;
use crate::cli::ui::Ui;

/// Runs `wharf diff`. As with kubectl, that there are differences is exit code 1, and every error is above.
///
/// # Errors
/// Differences, files with errors, a node that does not answer or would refuse objects.
pub async fn run(node: &str, namespace: &str, diff: &Diff, ui: &mut Ui) -> Result<(), Error> {
    let looked = look(node, namespace, diff, ui).await;
    let differs =
        looked.map_err(|error| if error.kind == Sort::User { Error { kind: Sort::Usage, ..error } } else { error })?;
    if differs { Err(Error::told(Sort::User)) } else { Ok(()) }
}

/// Shows the differences; whether there are any.
async fn look(node: &str, namespace: &str, diff: &Diff, ui: &Ui) -> Result<bool, Error> {
    let manifest = apply::read(&diff.files, namespace, diff.allow_unsupported, ui)?;
    let session = session::open_known(node).await?;
    let client = session.map(|session| session.client);
    let (plan, forecast) = apply::of_node(client.as_ref(), namespace, &manifest, &diff.files, &diff.sets, ui).await?;
    let text = text::of(&forecast, &plan.kept);
    if !text.is_empty() {
        ui.data(&text);
    }
    apply::refusals(&forecast)?;
    Ok(text::differs(&forecast))
}
