//! The catalogue of codes in memory: the imported release of ICD-11 that is in use, or the built-in core.

use std::collections::HashMap;
use std::sync::Arc;

use clinical::condition::{Certainty, ConditionCode, ConditionEntry};
use clinical::digest::Digest;
use storage::Tx;
use terminology::icd::release::{Entity, EntityKind, MapRow, Part, Release, ReleaseError};
use terminology::icd::{
    Candidate, CatalogError, Cluster, Confidence, Icd10Code, IcdEntry, IcdIndex, RELEASE, Standing,
};

use crate::Care;
use crate::content::capital;
use crate::error::CareError;

/// Candidates shown for one diagnosis.
const SHOWN: usize = 3;

/// A code to be chosen, with the CIE-10 codes that may stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeChoice {
    /// The code as it would be stored, with the CIE-10 code that fits best.
    pub code: ConditionCode,
    /// All CIE-10 codes that correspond to it by WHO's tables, that one first.
    pub icd10: Vec<Icd10Choice>,
    /// Why it is proposed; absent for what somebody searched or keeps.
    pub reason: Option<CodeReason>,
}

/// Why a code is proposed for a diagnosis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeReason {
    /// The words of the diagnosis that speak for it.
    pub words: Vec<String>,
    /// Proposals as sure as this one are right nine times of ten.
    pub is_sure: bool,
}

/// A CIE-10 code to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Icd10Choice {
    /// The code.
    pub code: String,
    /// WHO's English title, where the imported tables have it; its Spanish titles may not be handed on.
    pub title: String,
}

/// A place in the hierarchy: what is above and what is below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// From the chapter to the place itself; empty at the top.
    pub path: Vec<BranchLine>,
    /// What is below.
    pub below: Vec<BranchLine>,
    /// The place itself as a code to be chosen, when it is one.
    pub code: Option<CodeChoice>,
}

/// A chapter, block or category in the hierarchy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchLine {
    /// Its code, or the identifier of a chapter or block.
    pub id: String,
    /// What a person reads before its title: the code, the number of a chapter, nothing for a block.
    pub code: String,
    /// WHO's title.
    pub title: String,
}

/// Why a kept release cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("a part of the release cannot be read")]
    Release(#[from] ReleaseError),
    #[error("the tables of the core cannot be read")]
    Core(#[from] CatalogError),
}

#[derive(Debug)]
struct Imported {
    release: Release,
    index: IcdIndex,
    icd10_titles: HashMap<Icd10Code, Box<str>>,
}

/// The codes that are searched and confirmed.
#[derive(Debug)]
pub struct Catalogue {
    /// What it was made from.
    key: Option<(String, Digest)>,
    imported: Option<Imported>,
}

impl Catalogue {
    /// The built-in core.
    #[must_use]
    pub const fn core() -> Self {
        Self { key: None, imported: None }
    }

    /// Over a release.
    fn of(release: Release) -> Result<Imported, Unusable> {
        let index = IcdIndex::from_release(&release)?;
        Ok(Imported { icd10_titles: release.icd10_titles(), release, index })
    }

    /// The search over it.
    #[must_use]
    pub fn index(&self) -> &IcdIndex {
        self.imported.as_ref().map_or_else(|| IcdIndex::core(), |imported| &imported.index)
    }

    /// The release its codes are of.
    #[must_use]
    pub fn edition(&self) -> &str {
        self.imported.as_ref().map_or(RELEASE, |imported| &imported.release.name)
    }

    /// Whether it is an imported release, with its hierarchy.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        self.imported.is_some()
    }

    /// A code as stored with a confirmed diagnosis; the best CIE-10 code when none is named.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a code that is not in it, codes that do not stand together, or a CIE-10 code that does
    /// not correspond.
    pub fn code(&self, icd11: &str, icd10: &str) -> Result<ConditionCode, CareError> {
        let cluster = self.compose(icd11)?;
        let beside = self.beside(&cluster);
        let icd10 = match icd10.trim() {
            "" => beside.first().copied(),
            named => {
                let named = Icd10Code::parse(named).ok().filter(|code| beside.contains(code));
                Some(named.ok_or_else(|| {
                    CareError::invalid(
                        "codigo",
                        "Elija una clave CIE-10 de las que corresponden a ese código",
                    )
                })?)
            }
        };
        Ok(self.stored(&cluster, icd10))
    }

    /// A code or cluster as it stands in the release.
    fn compose(&self, icd11: &str) -> Result<Cluster<'_>, CareError> {
        if icd11.trim().is_empty() {
            return Err(CareError::invalid("codigo", "Elija un código de la lista"));
        }
        self.index().compose(icd11).map_err(|error| CareError::invalid("codigo", capital(&error.to_string())))
    }

    /// What is wrong with a text that is meant as a cluster; `None` for any other text and for a good one.
    #[must_use]
    pub fn problem(&self, text: &str) -> Option<String> {
        let meant =
            IcdIndex::is_cluster(text) || self.index().extension(&text.trim().to_ascii_uppercase()).is_some();
        self.choose(text).err().filter(|_| meant)
    }

    /// The CIE-10 codes that may stand beside a code: of a cluster, first those whose WHO names exactly it.
    fn beside(&self, cluster: &Cluster<'_>) -> Vec<Icd10Code> {
        let whole = cluster.code().as_str();
        let joined = cluster.code().is_cluster();
        let named = self.maps().filter(|row| joined && &*row.icd11 == whole).map(|row| row.icd10);
        let own = cluster.stems().flat_map(|stem| self.index().icd10_beside(stem));
        let mut codes: Vec<Icd10Code> = Vec::new();
        for code in named.chain(cluster.icd10()).chain(own) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        codes
    }

    /// The rows of WHO's mapping tables; none in the core.
    fn maps(&self) -> impl Iterator<Item = &MapRow> {
        self.imported.iter().flat_map(|imported| &imported.release.maps).flat_map(|(_, rows)| rows)
    }

    fn stored(&self, cluster: &Cluster<'_>, icd10: Option<Icd10Code>) -> ConditionCode {
        ConditionCode {
            icd11: cluster.code().as_str().to_owned(),
            title: cluster.title().into_owned(),
            icd10: icd10.map(|code| code.as_str().to_owned()),
            release: Some(self.edition().to_owned()),
        }
    }

    fn choice_of(&self, cluster: &Cluster<'_>, best: Option<Icd10Code>) -> CodeChoice {
        // Only what WHO's tables say: the codes of words are for who said them.
        let mut beside = cluster.icd10();
        if cluster.code().is_cluster() {
            beside = self.beside(cluster);
        }
        let best = best.or_else(|| beside.first().copied());
        let others = beside.into_iter().filter(|code| Some(*code) != best);
        let title = |code: &Icd10Code| {
            self.imported
                .as_ref()
                .and_then(|imported| imported.icd10_titles.get(code))
                .map(ToString::to_string)
        };
        let icd10 = best.into_iter().chain(others);
        CodeChoice {
            code: self.stored(cluster, best),
            icd10: icd10
                .map(|code| Icd10Choice {
                    title: title(&code).unwrap_or_default(),
                    code: code.as_str().to_owned(),
                })
                .collect(),
            reason: None,
        }
    }

    fn choice(&self, entry: &IcdEntry, best: Option<Icd10Code>) -> Option<CodeChoice> {
        let cluster = self.index().compose(entry.code.as_str()).ok()?;
        Some(self.choice_of(&cluster, best))
    }

    fn of_candidate(&self, candidate: &Candidate<'_>) -> Option<CodeChoice> {
        self.choice(candidate.entry, candidate.icd10)
    }

    /// A code it has, alone or in a cluster, to be chosen.
    #[must_use]
    pub fn known(&self, icd11: &str) -> Option<CodeChoice> {
        self.choose(icd11).ok()
    }

    /// The same, or what is wrong with it.
    pub(crate) fn choose(&self, icd11: &str) -> Result<CodeChoice, String> {
        let cluster = self.index().compose(icd11).map_err(|error| capital(&error.to_string()))?;
        Ok(self.choice_of(&cluster, None))
    }

    /// The best candidates for a diagnosis as the physician worded it: proposals, never a code nobody confirmed.
    #[must_use]
    pub fn candidates(&self, condition: &ConditionEntry) -> Vec<CodeChoice> {
        let standing = match condition.certainty {
            Certainty::Confirmed => Standing::Present,
            Certainty::Suspected => Standing::Suspected,
            Certainty::RuledOut => Standing::RuledOut,
        };
        let found = self.index().code_standing(&condition.text, standing, None);
        let proposed = found.into_iter().take(SHOWN).filter_map(|candidate| {
            let is_sure = candidate.confidence == Confidence::High;
            let reason = Some(CodeReason { words: candidate.words.clone(), is_sure });
            Some(CodeChoice { reason, ..self.of_candidate(&candidate)? })
        });
        proposed.collect()
    }

    /// Search as typed: words, lay words, abbreviations, CIE-10 or ICD-11 codes.
    #[must_use]
    pub fn search(&self, text: &str, limit: usize) -> Vec<CodeChoice> {
        if IcdIndex::is_cluster(text) {
            return self.known(text).into_iter().collect();
        }
        let found = self.index().search(text, limit);
        let found = found.iter().filter_map(|candidate| self.of_candidate(candidate));
        self.clusters_of(text).into_iter().chain(found).take(limit).collect()
    }

    /// The clusters WHO's tables name for a CIE-10 code; none in the core.
    #[must_use]
    pub fn clusters_of(&self, icd10: &str) -> Vec<CodeChoice> {
        let Ok(icd10) = Icd10Code::parse(icd10) else { return Vec::new() };
        let mut found: Vec<CodeChoice> = Vec::new();
        for row in self.maps().filter(|row| row.icd10 == icd10 && row.icd11.contains(['&', '/'])) {
            let Ok(cluster) = self.index().compose(&row.icd11) else { continue };
            if !found.iter().any(|one| one.code.icd11 == cluster.code().as_str()) {
                found.push(self.choice_of(&cluster, Some(icd10)));
            }
        }
        found
    }

    /// A place in the hierarchy; the chapters at an empty identifier. `None` for a place there is not, and in the core,
    /// which has no hierarchy. Extension codes are left out: they stand by no diagnosis alone.
    #[must_use]
    pub fn branch(&self, id: &str) -> Option<Branch> {
        let all = &self.imported.as_ref()?.release.entities;
        let shown = |entity: &&Entity| &*entity.chapter != "X" && !entity.id.is_empty();
        if id.is_empty() {
            let chapters = all.iter().filter(shown).filter(|entity| entity.kind == EntityKind::Chapter);
            return Some(Branch { path: Vec::new(), below: chapters.map(line).collect(), code: None });
        }
        let at = all.iter().position(|entity| &*entity.id == id && shown(&entity))?;
        let depth = all[at].depth;
        let mut path = vec![line(&all[at])];
        let mut above = depth;
        for entity in all[..at].iter().rev() {
            if entity.depth < above {
                above = entity.depth;
                path.push(line(entity));
            }
            if above == 0 {
                break;
            }
        }
        path.reverse();
        let below = all[at + 1..].iter().take_while(|entity| entity.depth > depth);
        let below = below.filter(|entity| entity.depth == depth + 1).map(line).collect();
        Some(Branch { path, below, code: self.known(id) })
    }
}

fn line(entity: &Entity) -> BranchLine {
    let id = entity.id.to_string();
    let code = if entity.kind == EntityKind::Block { String::new() } else { id.clone() };
    BranchLine { id, code, title: entity.title().to_owned() }
}

/// A kept release as the terminology reads it.
pub(crate) async fn kept_release(tx: &mut Tx, name: &str) -> Result<Option<Release>, CareError> {
    let Some(kept) = tx.icd_releases().await?.into_iter().find(|release| release.name == name) else {
        return Ok(None);
    };
    let parts = tx.icd_parts(name).await?;
    let release = tokio::task::spawn_blocking(move || {
        let parts: Vec<Part> =
            parts.into_iter().map(|part| Part { name: part.name, text: part.content }).collect();
        Release::from_parts(kept.name, kept.stamp, &parts)
    })
    .await
    .map_err(CareError::internal)?;
    release.map(Some).map_err(CareError::internal)
}

impl Care {
    /// The catalogue in use; read again when another release was chosen, by whichever program. Should the kept release be
    /// unreadable, the core serves on.
    pub(crate) async fn catalogue(&self, tx: &mut Tx) -> Result<Arc<Catalogue>, CareError> {
        let wanted = tx.icd_in_use().await?;
        let mut held = self.catalogue.lock().await;
        if held.key != wanted {
            let read = match &wanted {
                Some((name, _)) => kept_release(tx, name).await,
                None => Ok(None),
            };
            let imported = match read {
                Ok(Some(release)) => tokio::task::spawn_blocking(|| Catalogue::of(release))
                    .await
                    .map_err(CareError::internal)?
                    .map_err(|error| error.to_string())
                    .map(Some),
                Ok(None) => Ok(None),
                Err(error @ CareError::Unavailable { .. }) => return Err(error),
                Err(error) => Err(error.to_string()),
            };
            let imported = imported.unwrap_or_else(|error| {
                tracing::error!(
                    error,
                    "the imported ICD-11 release cannot be used; the built-in core serves"
                );
                None
            });
            *held = Arc::new(Catalogue { key: wanted, imported });
        }
        Ok(Arc::clone(&held))
    }

    /// The catalogue in use, for the program's own chores; asked for before somebody waits for it, too.
    ///
    /// # Errors
    /// [`CareError::Unavailable`] when the database does not answer.
    pub async fn catalogue_in_use(&self) -> Result<Arc<Catalogue>, CareError> {
        let mut tx = self.unseen.begin_read().await?;
        self.catalogue(&mut tx).await
    }
}
