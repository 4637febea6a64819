//! Which files make a scenario: the file, its chain of bases, and the catalogue's includes; a
//! base is looked for beside the file first and then among the files the program carries.

use std::path::{Path, PathBuf};

use super::embedded;
use super::merge::{Creation, Merge};
use super::problem::{Problem, Texts};
use super::read;
use super::schema::{Record, Shape};
use super::tree::{Key, Node, Place, TextId, Value};

/// Longest chain of bases.
const MAX_BASES: usize = 8;
/// Files that one catalogue may include.
const MAX_INCLUDES: usize = 64;

/// Where a file was found.
#[derive(Clone, Debug)]
enum Origin {
    /// In this folder on disk.
    Folder(PathBuf),
    /// Inside the program; the name of its folder, empty or ending in a slash.
    Embedded(String),
}

struct Loaded {
    tree: Node,
    origin: Origin,
    name: String,
}

pub struct Gather<'a> {
    pub root: &'static Record,
    pub texts: &'a mut Texts,
    pub problems: &'a mut Vec<Problem>,
}

impl Gather<'_> {
    /// The merged tree of a file and everything below it; `None` where a file cannot be read.
    pub fn file(&mut self, path: &Path) -> Option<Node> {
        let name = path.display().to_string();
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        match read::read_file(path) {
            Ok(content) => self.chain(name, content, Origin::Folder(folder)),
            Err(message) => {
                let shipped = embedded::file(&name.replace('\\', "/"));
                let shipped = shipped.filter(|_| !path.exists());
                if let Some(content) = shipped {
                    return self.chain(name, content.to_owned(), Origin::Embedded(String::new()));
                }
                let text = self.texts.add(name, String::new(), false);
                let at = Place {
                    text,
                    line: 0,
                    column: 0,
                    length: 0,
                };
                self.problems.push(Problem::error(at, message));
                None
            }
        }
    }

    /// The merged tree of a text that has no file, for example one that was typed in.
    pub fn text(&mut self, name: &str, content: &str) -> Option<Node> {
        self.chain(
            name.to_owned(),
            content.to_owned(),
            Origin::Embedded(String::new()),
        )
    }

    fn chain(&mut self, name: String, content: String, origin: Origin) -> Option<Node> {
        let mut layers = vec![self.read(name, content, origin)?];
        while let Some((base, at)) = self.base_of(&layers) {
            if layers.len() > MAX_BASES {
                let message = format!("more than {MAX_BASES} bases on top of each other");
                self.problems.push(Problem::error(at, message));
                return None;
            }
            let (name, content, origin) = self.find(&base, at, &layers)?;
            layers.push(self.read(name, content, origin)?);
        }
        let mut layers = layers.into_iter().rev();
        let mut tree = layers.next()?.tree;
        for layer in layers {
            let at = layer.tree.at;
            let mut merge = Merge {
                creation: Creation::Allowed,
                problems: self.problems,
            };
            merge.lay(Shape::Record(self.root), &mut tree, layer.tree);
            tree.at = at;
        }
        Some(tree)
    }

    /// The base that the last layer names, taken out of its tree unless it is the first layer.
    fn base_of(&mut self, layers: &[Loaded]) -> Option<(String, Place)> {
        let base = layers
            .last()?
            .tree
            .get("base")
            .filter(|base| !base.is_null())?;
        match &base.value {
            Value::Scalar { text, .. } => Some((text.clone(), base.at)),
            // Check reports the type.
            _ => None,
        }
    }

    fn find(
        &mut self,
        base: &str,
        at: Place,
        layers: &[Loaded],
    ) -> Option<(String, String, Origin)> {
        let plain = base.replace('\\', "/");
        let parts: Vec<&str> = plain.split('/').collect();
        if plain.is_empty()
            || parts
                .iter()
                .any(|part| part.is_empty() || part.starts_with('.'))
        {
            let message = "a base is a file in or below the folder of this file";
            let help = "for example `base: catalog/2025-11.yaml`";
            self.problems.push(Problem::error(at, message).help(help));
            return None;
        }
        let found = self.locate(&plain, at, &layers.last()?.origin)?;
        if layers.iter().any(|layer| layer.name == found.0) {
            let message = format!("`{base}` is its own base");
            self.problems.push(Problem::error(at, message));
            return None;
        }
        Some(found)
    }

    fn locate(
        &mut self,
        base: &str,
        at: Place,
        origin: &Origin,
    ) -> Option<(String, String, Origin)> {
        if let Origin::Folder(folder) = origin {
            let path = folder.join(base);
            if path.symlink_metadata().is_ok() {
                return self.read_inside(folder, &path, at);
            }
        }
        let inner = match origin {
            Origin::Embedded(folder) => format!("{folder}{base}"),
            Origin::Folder(_) => base.to_owned(),
        };
        if let Some(content) = embedded::file(&inner) {
            let folder = inner.rfind('/').map_or("", |cut| &inner[..=cut]).to_owned();
            let name = format!("(built in) {inner}");
            return Some((name, content.to_owned(), Origin::Embedded(folder)));
        }
        let carried = embedded::FILES.iter().map(|(name, _)| *name);
        let help = super::suggest::hint(base, carried);
        let message = format!("there is no `{base}` beside this file or in the program");
        self.problems
            .push(Problem::error(at, message).maybe_help(help));
        None
    }

    /// A link must not lead out of the scenario's folder.
    fn read_inside(
        &mut self,
        folder: &Path,
        path: &Path,
        at: Place,
    ) -> Option<(String, String, Origin)> {
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let inside = match (here.canonicalize(), path.canonicalize()) {
            (Ok(here), Ok(path)) => path.starts_with(here),
            _ => false,
        };
        let content = if inside {
            read::read_file(path)
        } else {
            Err(format!(
                "{} leads out of the scenario's folder",
                path.display()
            ))
        };
        match content {
            Ok(content) => {
                let parent = path.parent().unwrap_or(here).to_path_buf();
                Some((path.display().to_string(), content, Origin::Folder(parent)))
            }
            Err(message) => {
                self.problems.push(Problem::error(at, message));
                None
            }
        }
    }

    fn read(&mut self, name: String, content: String, origin: Origin) -> Option<Loaded> {
        let catalogue = name.contains(embedded::CATALOGUE);
        let text = self.texts.add(name.clone(), content.clone(), catalogue);
        let mut tree = self.parse(text, &content)?;
        if catalogue {
            self.includes(&mut tree, &origin)?;
        } else if let Some(include) = tree.get("include") {
            let message = "only the catalogue includes files";
            let help = "use `base:` for one parent";
            self.problems
                .push(Problem::error(include.at, message).help(help));
        }
        Some(Loaded { tree, origin, name })
    }

    fn parse(&mut self, text: TextId, content: &str) -> Option<Node> {
        match read::parse(text, content) {
            Ok(tree) if matches!(tree.value, Value::Map(_)) => Some(tree),
            Ok(tree) => {
                let message = "a scenario is a block of keys";
                self.problems
                    .push(Problem::error(tree.at, message).help("begin with `question:`"));
                None
            }
            Err(problems) => {
                self.problems.extend(problems);
                None
            }
        }
    }

    /// Joins the catalogue's other files; each brings blocks that no other brings.
    fn includes(&mut self, tree: &mut Node, origin: &Origin) -> Option<()> {
        let names: Vec<(String, Place)> = tree
            .field("include")
            .items()
            .iter()
            .filter_map(|item| Some((item.text()?.to_owned(), item.at)))
            .collect();
        if names.len() > MAX_INCLUDES {
            let at = tree.field("include").at;
            let message = format!("more than {MAX_INCLUDES} includes");
            self.problems.push(Problem::error(at, message));
            return None;
        }
        for (name, at) in names {
            if name.contains(['/', '\\']) || name.starts_with('.') {
                let message = "an include is a file of the same folder";
                self.problems.push(Problem::error(at, message));
                continue;
            }
            let Some((name, content, _)) = self.locate(&name, at, origin) else {
                continue;
            };
            let text = self.texts.add(name, content.clone(), true);
            let Some(part) = self.parse(text, &content) else {
                continue;
            };
            if let Value::Map(entries) = part.value {
                entries
                    .into_iter()
                    .for_each(|(key, value)| self.join(tree, key, value));
            }
        }
        Some(())
    }

    fn join(&mut self, tree: &mut Node, key: Key, value: Node) {
        let Some(known) = tree
            .entries()
            .iter()
            .find(|(other, _)| other.name == key.name)
        else {
            return super::merge::insert(tree, key, value);
        };
        let first = known.0.at;
        // Every file of the catalogue may bring its own sources.
        if let ("sources", Value::Map(entries)) = (key.name.as_str(), value.value) {
            let Some(sources) = tree.get_mut("sources") else {
                return;
            };
            for (key, value) in entries {
                match sources
                    .entries()
                    .iter()
                    .find(|(other, _)| other.name == key.name)
                {
                    Some((_, known))
                        if known.get("title").map(Node::text)
                            == value.get("title").map(Node::text) => {}
                    Some((other, _)) => {
                        let message = format!("the source `{}` has two titles", key.name);
                        let problem = Problem::error(key.at, message);
                        self.problems.push(problem.also(other.at, "is the first"));
                    }
                    None => super::merge::insert(sources, key, value),
                }
            }
            return;
        }
        let message = format!("the catalogue has `{}` twice", key.name);
        self.problems
            .push(Problem::error(key.at, message).also(first, "is the first"));
    }
}
