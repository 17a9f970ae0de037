//! Fills volumes that only the sandbox can reach: those in memory, and the parts of Docker volumes that are mounted.

use std::io;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::io::AsyncWriteExt;

use super::prepare::Error;
use super::volume::{Files, PodVolume, Prepare};
use crate::kubelet::runtime::{self, Chunk, Exec, ExecSpec, Runtime};

/// Runs `/wharf fill` in the running sandbox. To be called after the sandbox was started and before its containers are
/// created, and again when [`super::fingerprint`] changes. Secrets go by standard input, never to a disk.
///
/// # Errors
/// If the program can't be run, or says that it failed.
pub async fn fill(runtime: &dyn Runtime, sandbox: &str, volumes: &[PodVolume]) -> Result<(), Error> {
    let archive = archive(volumes).map_err(|e| Error::Fill(e.to_string()))?;
    let Some(archive) = archive else { return Ok(()) };
    let command = ["/wharf", "fill"].map(str::to_owned).to_vec();
    let spec = ExecSpec { command, stdin: true, tty: false };
    let failed = |e: runtime::Error| Error::Fill(e.to_string());
    let Exec { id, mut input, mut output } = runtime.exec(sandbox, &spec).await.map_err(failed)?;
    // A program that ends early says why by its output and code: a broken pipe would hide that.
    let _ = input.write_all(&archive).await;
    let _ = input.shutdown().await;
    let mut said = Vec::new();
    while let Some(chunk) = output.next().await {
        let (Chunk::Out(bytes) | Chunk::Err(bytes)) = chunk.map_err(failed)?;
        said.extend_from_slice(&bytes);
    }
    match code(runtime, &id).await.map_err(failed)? {
        Some(0) => Ok(()),
        _ => Err(Error::Fill(String::from_utf8_lossy(&said).trim().to_owned())),
    }
}

/// The exit code of a program whose output has ended. The engine notes it a moment later; it is waited for a second.
async fn code(runtime: &dyn Runtime, exec: &str) -> Result<Option<i64>, runtime::Error> {
    for _ in 0..50 {
        if let Some(code) = runtime.exec_code(exec).await? {
            return Ok(Some(code));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(None)
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
