//! Fills volumes that only the sandbox can reach: those in memory, and the parts of Docker volumes that are mounted.

use std::io;

use super::prepare::Error;
use super::volume::{Files, PodVolume, Prepare};
use crate::kubelet::exec;
use crate::kubelet::runtime::Runtime;

/// Runs `/wharf fill` in the running sandbox. To be called after the sandbox was started and before its containers are
/// created, and again when [`super::fingerprint`] changes. Secrets go by standard input, never to a disk.
///
/// # Errors
/// If the program can't be run, or says that it failed.
pub async fn fill(runtime: &dyn Runtime, sandbox: &str, volumes: &[PodVolume]) -> Result<(), Error> {
    let archive = archive(volumes).map_err(|e| Error::Fill(e.to_string()))?;
    let Some(archive) = archive else { return Ok(()) };
    let command = ["/wharf", "fill"].map(str::to_owned);
    let done = exec::run(runtime, sandbox, &command, &archive).await.map_err(|e| Error::Fill(e.to_string()))?;
    if done.code == Some(0) { Ok(()) } else { Err(Error::Fill(done.output.trim().to_owned())) }
}

/// What `/wharf fill` unpacks, if there is anything: a folder `<volume>/` says that the volume's files follow, all of
/// them; a folder `<volume>/<path>/` is a part to make.
///
/// # Errors
/// If a path is too long for an archive.
pub fn archive(volumes: &[PodVolume]) -> io::Result<Option<Vec<u8>>> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut any = false;
    for volume in volumes {
        match &volume.prepare {
            Prepare::Memory { files: Some(files), .. } => append_files(&mut archive, &volume.name, files)?,
            Prepare::Memory { files: None, .. } | Prepare::Volume(_) if !volume.sub_paths.is_empty() => {
                for part in &volume.sub_paths {
                    append(&mut archive, &format!("{}/{part}/", volume.name), 0o755, None)?;
                }
            }
            _ => continue,
        }
        any = true;
    }
    Ok(if any { Some(archive.into_inner()?) } else { None })
}

fn append_files(archive: &mut tar::Builder<Vec<u8>>, volume: &str, files: &Files) -> io::Result<()> {
    append(archive, &format!("{volume}/"), 0o755, None)?;
    files.iter().try_for_each(|(path, file)| append(archive, &format!("{volume}/{path}"), file.mode, Some(&file.bytes)))
}

fn append(archive: &mut tar::Builder<Vec<u8>>, path: &str, mode: u32, bytes: Option<&[u8]>) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(if bytes.is_some() { tar::EntryType::Regular } else { tar::EntryType::Directory });
    header.set_mode(mode);
    header.set_size(bytes.map_or(0, <[u8]>::len) as u64);
    archive.append_data(&mut header, path, bytes.unwrap_or_default())
}
