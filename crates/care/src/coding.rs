//! Codes for diagnoses, as one looks for them: by words, in the hierarchy, among one's own.

use clinical::ids::PractitionerId;
use storage::Tx;

use crate::Care;
use crate::catalogue::{Branch, Catalogue, CodeChoice};
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// Codes found for what is being typed.
const FOUND: usize = 8;
/// Codes of one's own that are shown.
const OWN: usize = 8;

/// What is shown to who looks for a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codes {
    /// The release the codes are of.
    pub edition: String,
    /// Whether it is a whole release and not the built-in core.
    pub imported: bool,
    /// What was found.
    pub found: Vec<CodeChoice>,
    /// What is wrong with what was typed, where it is meant as codes that stand together.
    pub problem: Option<String>,
    /// Codes this person keeps at hand.
    pub favourites: Vec<CodeChoice>,
    /// Codes this person confirmed last, without those.
    pub recent: Vec<CodeChoice>,
    /// The place of the hierarchy that is open.
    pub branch: Option<Branch>,
}

impl Codes {
    /// Whether a code is kept at hand.
    #[must_use]
    pub fn is_favourite(&self, icd11: &str) -> bool {
        self.favourites.iter().any(|choice| choice.code.icd11 == icd11)
    }
}

async fn own(
    tx: &mut Tx,
    catalogue: &Catalogue,
    of: Option<PractitionerId>,
) -> Result<(Vec<CodeChoice>, Vec<CodeChoice>), CareError> {
    let Some(of) = of else { return Ok((Vec::new(), Vec::new())) };
    let (favourites, others): (Vec<_>, Vec<_>) =
        tx.code_habits(of).await?.into_iter().partition(|habit| habit.favourite);
    // A code that the release in use has no more is not offered.
    let recent = others.iter().filter(|habit| habit.uses > 0);
    let recent = recent.filter_map(|habit| catalogue.known(&habit.icd11)).take(OWN).collect();
    Ok((favourites.iter().filter_map(|habit| catalogue.known(&habit.icd11)).collect(), recent))
}

impl Care {
    /// Looks for codes: by what is typed, at a place of the hierarchy, and among one's own.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::NotFound`] for a place there is not.
    pub async fn codes(&self, actor: &Actor, text: &str, place: &str) -> Result<Codes, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        let catalogue = self.catalogue(&mut tx).await?;
        let (favourites, recent) = own(&mut tx, &catalogue, actor.practitioner_id).await?;
        let branch = catalogue.branch(place);
        if branch.is_none() && !place.is_empty() {
            return Err(CareError::NotFound { what: "ese lugar de la clasificación" });
        }
        let text = text.trim();
        Ok(Codes {
            edition: catalogue.edition().to_owned(),
            imported: catalogue.is_imported(),
            found: if text.is_empty() { Vec::new() } else { catalogue.search(text, FOUND) },
            problem: catalogue.problem(text),
            favourites,
            recent,
            branch,
        })
    }

    /// Keeps a code at hand for this person, or no longer.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::Invalid`] for a code there is not.
    pub async fn keep_code(&self, actor: &Actor, icd11: &str, keep: bool) -> Result<(), CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let of =
            actor.practitioner_id.ok_or(CareError::NotFound { what: "el profesional de esta cuenta" })?;
        let mut tx = self.begin(actor).await?;
        let known = self.catalogue(&mut tx).await?.known(icd11);
        if known.is_none() && keep {
            return Err(CareError::invalid("codigo", "Elija un código de la lista"));
        }
        let icd11 = known.map_or_else(|| icd11.to_owned(), |choice| choice.code.icd11);
        tx.keep_code(of, &icd11, keep, self.now()).await?;
        Ok(tx.commit().await?)
    }
}
