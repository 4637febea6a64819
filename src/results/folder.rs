//! The run folder: whole or absent.
//!
//! It is built beside its place under a temporary name, every file is synced, the manifest is
//! written last and the folder is renamed into place. Opening it checks the manifest's seal
//! and every file against it.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::columns::Table;
use super::disk::{self, DiskError, at};
use super::manifest::{FileSeal, Manifest};
use super::tables;

const MANIFEST: &str = "manifest.json";

/// A run folder under construction; dropped without `commit` it leaves nothing.
pub struct Draft {
    target: PathBuf,
    temporary: PathBuf,
    force: bool,
    committed: bool,
}

fn refusal(path: &Path, reason: &str) -> DiskError {
    DiskError {
        action: "write",
        path: path.to_path_buf(),
        reason: reason.to_string(),
    }
}

/// The name of a sibling of `target`, hidden, for work in progress.
fn sibling(target: &Path, purpose: &str) -> PathBuf {
    let name = target
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    target.with_file_name(format!(".{name}.{purpose}"))
}

/// Says before any work whether the folder may be written: what stands there is kept unless
/// `force`, and never replaced when it is not a run folder. A folder that a killed `--force`
/// had put aside is put back.
pub fn may_write(target: &Path, force: bool) -> Result<(), DiskError> {
    disk::create_dir(disk::parent(target))?;
    let aside = sibling(target, "old");
    if aside.exists() && !target.exists() {
        fs::rename(&aside, target).map_err(at("put back", target))?;
    }
    let Ok(found) = fs::symlink_metadata(target) else {
        return Ok(());
    };
    if !found.is_dir() {
        return Err(refusal(target, "a file or link of this name is in the way"));
    }
    if !force {
        return Err(refusal(
            target,
            "this run exists already (--force runs it again)",
        ));
    }
    if !target.join(MANIFEST).is_file() && !disk::entries(target)?.is_empty() {
        return Err(refusal(
            target,
            "the folder holds something that is not a run",
        ));
    }
    Ok(())
}

impl Draft {
    pub fn begin(target: &Path, force: bool) -> Result<Draft, DiskError> {
        may_write(target, force)?;
        let temporary = sibling(target, "new");
        if temporary.exists() {
            disk::remove_dir(&temporary)?;
        }
        fs::create_dir(&temporary).map_err(at("create folder", &temporary))?;
        Ok(Draft {
            target: target.to_path_buf(),
            temporary,
            force,
            committed: false,
        })
    }

    /// Where files of the run are to be put.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    pub fn table(&self, table: &Table) -> Result<(), DiskError> {
        tables::write_table(&self.temporary, table).map(drop)
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> Result<(), DiskError> {
        let path = self.temporary.join(name);
        disk::create_dir(disk::parent(&path))?;
        fs::write(&path, bytes).map_err(at("write", &path))
    }

    /// Seals and syncs all files, writes the manifest and moves the folder into its place.
    pub fn commit(mut self, manifest: &Manifest) -> Result<PathBuf, DiskError> {
        let mut manifest = manifest.clone();
        manifest.files.clear();
        for path in files_below(&self.temporary)? {
            let name = relative(&self.temporary, &path);
            manifest.files.insert(name, seal(&path)?);
            let file = File::open(&path).map_err(at("open", &path))?;
            file.sync_all().map_err(at("sync", &path))?;
        }
        for folder in folders_below(&self.temporary)? {
            disk::sync_dir(&folder)?;
        }
        let text = manifest
            .sealed()
            .map_err(|reason| refusal(&self.target, &reason))?;
        disk::write_synced(&self.temporary.join(MANIFEST), text.as_bytes())?;
        disk::sync_dir(&self.temporary)?;
        may_write(&self.target, self.force)?;
        let aside = sibling(&self.target, "old");
        let replaces = self.target.exists();
        if aside.exists() {
            disk::remove_dir(&aside)?;
        }
        if replaces {
            fs::rename(&self.target, &aside).map_err(at("put aside", &self.target))?;
        }
        fs::rename(&self.temporary, &self.target).map_err(at("move into", &self.target))?;
        self.committed = true;
        disk::sync_dir(disk::parent(&self.target))?;
        if replaces {
            disk::remove_dir(&aside)?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.committed {
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

/// A run folder that was opened and found whole.
pub struct RunFolder {
    pub path: PathBuf,
    pub manifest: Manifest,
}

impl RunFolder {
    /// Opens a folder by path and checks every byte of it.
    pub fn open(path: &Path) -> Result<RunFolder, DiskError> {
        let place = path.join(MANIFEST);
        let bytes = fs::read(&place).map_err(at("open run", &place))?;
        let told = |reason: String| DiskError {
            action: "open run",
            path: path.into(),
            reason,
        };
        let text = String::from_utf8(bytes).map_err(|_| told("not text".to_string()))?;
        let manifest = Manifest::opened(&text).map_err(told)?;
        for (name, expected) in &manifest.files {
            let file = path.join(name);
            if seal(&file)? != *expected {
                return Err(told(format!("{name} was changed after it was written")));
            }
        }
        Ok(RunFolder {
            path: path.to_path_buf(),
            manifest,
        })
    }

    pub fn table(&self, name: &str) -> Result<Table, DiskError> {
        tables::read_table(&self.path, name)
    }

    /// Whether the run has this table.
    pub fn has(&self, name: &str) -> bool {
        let named = |ext: &str| self.manifest.files.contains_key(&format!("{name}.{ext}"));
        named("parquet") || named("columns")
    }
}

fn seal(path: &Path) -> Result<FileSeal, DiskError> {
    let bytes = fs::read(path).map_err(at("read", path))?;
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    Ok(FileSeal {
        bytes: bytes.len() as u64,
        blake3,
    })
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn files_below(root: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let mut files = Vec::new();
    for folder in folders_below(root)? {
        files.extend(
            disk::entries(&folder)?
                .into_iter()
                .filter(|path| path.is_file()),
        );
    }
    Ok(files)
}

/// `root` and the folders below it, deepest first.
fn folders_below(root: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let mut found = vec![root.to_path_buf()];
    let mut next = 0;
    while next < found.len() {
        let inside = disk::entries(&found[next])?;
        found.extend(inside.into_iter().filter(|path| path.is_dir()));
        next += 1;
    }
    found.reverse();
    Ok(found)
}
