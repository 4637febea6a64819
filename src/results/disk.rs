//! Durable writes: temporary file in the same folder, write, sync, rename, sync the folder.
//! Every error names the path and what was tried.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A failed operation on a file or folder; what the user can act on.
#[derive(Debug)]
pub struct DiskError {
    pub action: &'static str,
    pub path: PathBuf,
    pub reason: String,
}

impl std::fmt::Display for DiskError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "failed to {} {}: {}",
            self.action,
            self.path.display(),
            self.reason
        )
    }
}

impl std::error::Error for DiskError {}

/// Names the action and the path of an input or output error.
pub fn at<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(std::io::Error) -> DiskError + 'a {
    move |error| DiskError {
        action,
        path: path.to_path_buf(),
        reason: error.to_string(),
    }
}

pub fn create_dir(path: &Path) -> Result<(), DiskError> {
    fs::create_dir_all(path).map_err(at("create folder", path))
}

/// Writes a new file and waits until it is on the disk.
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let mut file = File::create(path).map_err(at("create", path))?;
    file.write_all(bytes).map_err(at("write", path))?;
    file.sync_all().map_err(at("sync", path))
}

/// Replaces a file at once: a reader sees the old bytes or the new ones, never a part.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".tmp{}", std::process::id()));
    let temporary = path.with_file_name(name);
    let written = write_synced(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path).map_err(at("rename to", path)))
        .and_then(|()| sync_dir(parent(path)));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// Makes creations, renames and removals inside a folder durable.
pub fn sync_dir(path: &Path) -> Result<(), DiskError> {
    let folder = File::open(path).map_err(at("open folder", path))?;
    folder.sync_all().map_err(at("sync folder", path))
}

/// The folder that holds `path`; `.` for a bare name.
pub fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Entries of a folder in order of name.
pub fn entries(path: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(path).map_err(at("list", path))? {
        found.push(entry.map_err(at("list", path))?.path());
    }
    found.sort();
    Ok(found)
}

/// Removes a folder with everything inside.
pub fn remove_dir(path: &Path) -> Result<(), DiskError> {
    fs::remove_dir_all(path).map_err(at("remove", path))
}
