//! A code made more precise by guided choices: the side, how severe, what comes with it. The choices of the physician are
//! put together to a cluster; what their words say is proposed, never confirmed.

use terminology::icd::{Axis, IcdEntry, axes, company};

use crate::Care;
use crate::catalogue::{Catalogue, CodeChoice};
use crate::error::CareError;
use crate::permission::{Actor, Permission};

/// Most letters of codes typed beside the choices.
const TYPED: usize = 100;

/// What was chosen so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Extension codes and codes of other diseases from the lists.
    pub codes: Vec<String>,
    /// Codes somebody typed, separated by spaces or commas.
    pub typed: String,
}

/// A code with the choices that make it more precise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Precise {
    /// The code the choices are for.
    pub stem: CodeChoice,
    /// The release the codes are of.
    pub edition: String,
    /// One value of each is chosen, or none.
    pub axes: Vec<AxisChoice>,
    /// Diseases that usually come with it; any number of them.
    pub company: Vec<Choosable>,
    /// What was typed.
    pub typed: String,
    /// What the choices make together, or why they do not stand together.
    pub result: Result<CodeChoice, String>,
}

/// An axis with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AxisChoice {
    /// Stable word.
    pub id: &'static str,
    /// What a person reads.
    pub label: &'static str,
    /// Its values.
    pub values: Vec<Choosable>,
}

/// A code to be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    /// The code.
    pub code: String,
    /// WHO's title.
    pub title: String,
    /// Whether it is chosen now.
    pub chosen: bool,
    /// Whether the words of the diagnosis say it.
    pub said: bool,
}

impl Catalogue {
    /// The choices for a code; those that the words of the diagnosis say are chosen while nobody chose.
    ///
    /// # Errors
    /// [`CareError::Invalid`] for a code that is not in the catalogue.
    pub fn precise(&self, icd11: &str, text: &str, chosen: Option<&Chosen>) -> Result<Precise, CareError> {
        let unknown = || CareError::invalid("codigo", "Elija un código de la lista");
        let entry = self.index().lookup(icd11).ok_or_else(unknown)?;
        let stem = self.known(icd11).ok_or_else(unknown)?;
        let choosable = |code: &str, title: &str, said: bool| Choosable {
            code: code.to_owned(),
            title: title.to_owned(),
            chosen: chosen.map_or(said, |chosen| chosen.codes.iter().any(|one| one == code)),
            said,
        };
        let axis = |axis: &'static Axis| {
            let said = axis.said(text).map(|value| value.code);
            let values = axis.values.iter().filter_map(|value| {
                let title = self.index().extension(value.code)?;
                Some(choosable(value.code, title, said == Some(value.code)))
            });
            AxisChoice { id: axis.id, label: axis.label, values: values.collect() }
        };
        let axes: Vec<AxisChoice> = axes(entry.code.as_str(), &entry.title)
            .map(axis)
            .filter(|axis| !axis.values.is_empty())
            .collect();
        let company: Vec<Choosable> = company(entry.code.as_str())
            .filter_map(|one| {
                Some(choosable(one.code, &self.index().lookup(one.code)?.title, one.said(text)))
            })
            .collect();
        let typed: String =
            chosen.map(|chosen| chosen.typed.chars().take(TYPED).collect()).unwrap_or_default();
        let values = axes.iter().flat_map(|axis| &axis.values).chain(&company);
        let codes: Vec<&str> = values.filter(|one| one.chosen).map(|one| one.code.as_str()).collect();
        let result = self.put_together(entry, &codes, &typed);
        Ok(Precise { stem, edition: self.edition().to_owned(), axes, company, typed, result })
    }

    /// The cluster of a code with those chosen and those typed: extension codes behind it, others after `/`.
    fn put_together(&self, entry: &IcdEntry, codes: &[&str], typed: &str) -> Result<CodeChoice, String> {
        let own = typed.split([' ', ',', '&', '/']).map(str::to_ascii_uppercase);
        let all = codes.iter().map(|code| (*code).to_owned()).chain(own).filter(|code| !code.is_empty());
        let (extensions, others): (Vec<String>, Vec<String>) = all.partition(|code| code.starts_with('X'));
        let joined = |sign: char, list: Vec<String>| -> String {
            list.into_iter().flat_map(|code| [sign.to_string(), code]).collect()
        };
        let text = format!("{}{}{}", entry.code.as_str(), joined('&', extensions), joined('/', others));
        self.choose(&text)
    }
}

impl Care {
    /// The choices that make a code more precise.
    ///
    /// # Errors
    /// [`CareError::Denied`] for who writes no notes; [`CareError::Invalid`] for a code there is not.
    pub async fn precise(
        &self,
        actor: &Actor,
        icd11: &str,
        text: &str,
        chosen: Option<&Chosen>,
    ) -> Result<Precise, CareError> {
        self.require(actor, Permission::WriteRecord).await?;
        let mut tx = self.begin_read(actor).await?;
        self.catalogue(&mut tx).await?.precise(icd11, text, chosen)
    }
}
