//! Finished runs of an unfinished ensemble, kept until the run folder is whole.
//!
//! Each run is one file in `.partial-<hash8>/`, written aside, synced and renamed, with a
//! checksum over everything, so a kill at any instant leaves it whole or absent. A file that
//! does not verify is not a result: it is removed and the run is done again. A lock keeps two
//! processes from working on the same ensemble; the system drops it when a process dies.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use super::codec;
use super::disk::{self, DiskError, at};
use super::record::RunRecord;

const MAGIC: &[u8; 8] = b"WATTRUN1";
const HEADER: usize = 8 + 32 + 32 + 8;

/// The folder of finished runs of one plan.
pub struct Partial {
    folder: PathBuf,
    fingerprint: [u8; 32],
    _lock: File,
}

impl Partial {
    /// Opens or creates the folder and takes its lock. `fingerprint` identifies the plan:
    /// files of another plan do not verify.
    pub fn open(folder: &Path, fingerprint: [u8; 32]) -> Result<Partial, DiskError> {
        disk::create_dir(folder)?;
        let lock_path = folder.join("lock");
        let lock = File::create(&lock_path).map_err(at("create", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(DiskError {
                    action: "lock",
                    path: lock_path,
                    reason: "another wattflop is running this very ensemble".to_string(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(at("lock", &lock_path)(error)),
        }
        for path in disk::entries(folder)? {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.contains(".tmp") {
                fs::remove_file(&path).map_err(at("remove", &path))?;
            }
        }
        Ok(Partial {
            folder: folder.to_path_buf(),
            fingerprint,
            _lock: lock,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn path(&self, arm: u32, draw: u32, luck: u32) -> PathBuf {
        self.folder
            .join(format!("arm{arm:03}-draw{draw:06}-luck{luck:03}.run"))
    }

    /// Keeps a finished run; returns when it is safely on the disk.
    pub fn keep(&self, record: &RunRecord) -> Result<(), DiskError> {
        let body = codec::encode_record(record);
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&self.fingerprint);
        bytes.extend_from_slice(&self.checksum(&body));
        bytes.extend_from_slice(&(body.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&body);
        disk::write_whole(&self.path(record.arm, record.draw, record.luck), &bytes)
    }

    fn checksum(&self, body: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(MAGIC).update(&self.fingerprint).update(body);
        *hasher.finalize().as_bytes()
    }

    /// The kept run, or `None` when it was not finished or its file does not verify.
    pub fn find(&self, arm: u32, draw: u32, luck: u32) -> Result<Option<RunRecord>, DiskError> {
        let path = self.path(arm, draw, luck);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at("read", &path)(error)),
        };
        let record = self
            .verified(&bytes)
            .filter(|record| record.arm == arm && record.draw == draw && record.luck == luck);
        if record.is_none() {
            fs::remove_file(&path).map_err(at("remove damaged", &path))?;
        }
        Ok(record)
    }

    fn verified(&self, bytes: &[u8]) -> Option<RunRecord> {
        let (magic, rest) = bytes.split_at_checked(8)?;
        let (fingerprint, rest) = rest.split_at_checked(32)?;
        let (checksum, rest) = rest.split_at_checked(32)?;
        let (length, body) = rest.split_at_checked(8)?;
        let whole = magic == MAGIC
            && fingerprint == self.fingerprint
            && length == (body.len() as u64).to_le_bytes()
            && checksum == self.checksum(body);
        if whole {
            codec::decode_record(body).ok()
        } else {
            None
        }
    }

    /// How many finished runs wait here (by name; they are verified when they are read).
    pub fn waiting(&self) -> Result<usize, DiskError> {
        let is_run = |path: &PathBuf| path.extension().is_some_and(|ext| ext == "run");
        Ok(disk::entries(&self.folder)?
            .iter()
            .filter(|path| is_run(path))
            .count())
    }

    /// Removes the folder: its runs now stand in a run folder.
    pub fn discard(self) -> Result<(), DiskError> {
        disk::remove_dir(&self.folder)?;
        disk::sync_dir(disk::parent(&self.folder))
    }
}
