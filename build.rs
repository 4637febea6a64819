//! Lists the files of `scenarios/` so that the program can carry them, and which files of the
//! model read which field, so that `explain` can say where a key acts; nobody keeps a list.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let home = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    let folder = home.join("scenarios");
    println!("cargo:rerun-if-changed=scenarios");
    println!("cargo:rerun-if-changed=build.rs");
    let mut names = Vec::new();
    collect(&folder, "", &mut names)?;
    names.sort();
    let mut code = String::from("&[\n");
    for name in &names {
        println!("cargo:rerun-if-changed=scenarios/{name}");
        let path = folder.join(name);
        code.push_str(&format!(
            "    ({name:?}, include_str!({:?})),\n",
            path.display().to_string()
        ));
    }
    code.push_str("]\n");
    fs::write(out.join("scenarios.rs"), code)?;
    readers(&home, &out)
}

/// Names that follow a dot in the model, with the files in which they do.
fn readers(home: &Path, out: &Path) -> io::Result<()> {
    println!("cargo:rerun-if-changed=src/market");
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut waiting = vec![home.join("src/market")];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let name = path
                .strip_prefix(home)
                .unwrap_or(&path)
                .display()
                .to_string();
            if !name.ends_with(".rs") || name.ends_with("tests.rs") {
                continue;
            }
            let text = fs::read_to_string(&path)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for part in code.split('.').skip(1) {
                let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
                let (field, rest) = part.split_at(end.unwrap_or(part.len()));
                let begins = field.starts_with(|c: char| c.is_ascii_lowercase());
                if begins && !rest.starts_with('(') {
                    found
                        .entry(field.to_owned())
                        .or_default()
                        .insert(name.clone());
                }
            }
        }
    }
    let mut code = String::from("&[\n");
    for (field, files) in found {
        code.push_str(&format!(
            "    ({field:?}, &{:?}),\n",
            files.into_iter().collect::<Vec<_>>()
        ));
    }
    code.push_str("]\n");
    fs::write(out.join("readers.rs"), code)
}

fn collect(folder: &Path, prefix: &str, names: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            continue;
        };
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), names)?;
        } else if name.ends_with(".yaml") {
            names.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
