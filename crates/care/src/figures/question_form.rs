//! The form that puts a question together, and the questions somebody keeps under a name.

use clinical::audit::AuditAction;
use clinical::ids::{PractitionerId, QuestionId};
use clinical::laboratory::Comparator;
use clinical::observation::Amount;
use figures::icd::CHAPTERS;
use figures::question::{
    Clause, DIRECTIONS, Diagnosed, Fact, IcdCode, Key, Measured, Question, Test, When, direction_code,
};
use storage::{SavedQuestion, Tx};
use terminology::medicines::MedicineCatalog;
use uuid::Uuid;

use super::questions::{Names, ReadQuestion, told};
use crate::catalogue::Catalogue;
use crate::error::{CareError, FieldError};
use crate::permission::{Actor, Permission};
use crate::setup::Check;
use crate::{Care, because};

/// Most questions a person keeps.
const MOST_KEPT: usize = 60;
/// Codes offered for words of a diagnosis.
const OFFERED: usize = 8;
/// Longest words that are looked up.
const LONGEST: usize = 100;

/// What the form has become.
#[derive(Debug, Clone)]
pub struct BuiltQuestion {
    /// The question with the conditions that were added.
    pub read: ReadQuestion,
    /// Codes to choose from for the words of a diagnosis, with their titles; empty when nothing is open.
    pub choices: Vec<(String, String)>,
}

/// What the page offers beside the question.
#[derive(Debug, Clone)]
pub struct QuestionDesk {
    /// The professionals.
    pub people: Vec<(PractitionerId, String)>,
    /// The questions that are kept, each with what it asks where it still can be asked.
    pub kept: Vec<(SavedQuestion, Option<ReadQuestion>)>,
    /// Whether this person may see which records an answer is of.
    pub lists: bool,
    /// Whether this person may take them out as a file.
    pub exports: bool,
}

/// The pairs of a form.
struct Pairs<'a>(&'a [(String, String)]);

impl<'a> Pairs<'a> {
    fn get(&self, name: &str) -> &'a str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether the condition beside it must not hold.
    fn denies(&self, name: &str) -> bool {
        self.get(name) == "no"
    }
}

impl Care {
    /// Reads a question from the pairs of its form or address, with the condition that is being added.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] with every field to correct.
    pub async fn build_question(
        &self,
        actor: &Actor,
        pairs: &[(String, String)],
    ) -> Result<BuiltQuestion, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let mut tx = self.begin_read(actor).await?;
        let names = Names::read(self, &mut tx).await?;
        drop(tx);
        let read = Question::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut errors: Vec<FieldError> = read.as_ref().err().into_iter().flatten().map(told).collect();
        let mut question = read.unwrap_or_default();
        let mut added =
            Added { pairs: Pairs(pairs), clauses: Vec::new(), choices: Vec::new(), errors: Vec::new() };
        added.diagnosis(&names.catalogue);
        added.medicine();
        added.value();
        added.lacking();
        errors.extend(added.errors);
        for clause in added.clauses {
            match question.clone().with(clause) {
                Ok(more) => question = more,
                Err(error) => errors.push(told(&error)),
            }
        }
        if !errors.is_empty() {
            return Err(CareError::Invalid(errors));
        }
        Ok(BuiltQuestion { read: names.said(question)?, choices: added.choices })
    }

    /// What the page offers, with the questions that are kept.
    ///
    /// # Errors
    /// [`CareError::Denied`].
    pub async fn question_desk(&self, actor: &Actor) -> Result<QuestionDesk, CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let mut tx = self.begin_read(actor).await?;
        let kept = tx.saved_questions(actor.user_id).await?;
        let names = Names::read(self, &mut tx).await?;
        let kept = kept.into_iter().map(|one| {
            let asks = Question::from_text(&one.question).ok().and_then(|question| names.said(question).ok());
            (one, asks)
        });
        Ok(QuestionDesk {
            kept: kept.collect(),
            people: names.people,
            lists: actor.may(Permission::ReadRecord),
            exports: actor.may(Permission::ExportRecord),
        })
    }

    /// Keeps a question under a name.
    ///
    /// # Errors
    /// [`CareError::Denied`]; [`CareError::Invalid`] without a name or with one they gave already.
    pub async fn keep_question(
        &self,
        actor: &Actor,
        question: &Question,
        name: &str,
        shared: bool,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let name = checked_name(name)?;
        let mut tx = self.begin(actor).await?;
        let sentence = Names::read(self, &mut tx).await?.said(question.clone())?.sentence;
        let own = own_questions(&mut tx, actor).await?;
        if own.len() >= MOST_KEPT {
            return Err(CareError::invalid("nombre", "Ya guardó 60 preguntas. Quite antes alguna"));
        }
        taken(&own, None, &name)?;
        let kept = SavedQuestion {
            id: QuestionId(Uuid::now_v7()),
            owner: actor.user_id,
            owner_name: String::new(),
            name,
            question: question.text(),
            shared,
            changed_at: self.now(),
        };
        tx.save_question(&kept).await?;
        let event = self.event(actor, AuditAction::Create, "saved_question", kept.id, None);
        tx.append_audit(because(event, &sentence)).await?;
        Ok(tx.commit().await?)
    }

    /// Gives a question they keep another name, and shares it or not.
    ///
    /// # Errors
    /// [`CareError::Invalid`] without a name or with one they gave already; [`CareError::NotFound`] for a question that is
    /// not theirs.
    pub async fn rename_question(
        &self,
        actor: &Actor,
        id: QuestionId,
        name: &str,
        shared: bool,
    ) -> Result<(), CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let name = checked_name(name)?;
        let mut tx = self.begin(actor).await?;
        let own = own_questions(&mut tx, actor).await?;
        let kept = own.iter().find(|one| one.id == id);
        let kept = kept.ok_or(CareError::NotFound { what: "esa pregunta guardada" })?;
        taken(&own, Some(id), &name)?;
        tx.save_question(&SavedQuestion { name, shared, changed_at: self.now(), ..kept.clone() }).await?;
        tx.append_audit(self.event(actor, AuditAction::Update, "saved_question", id, None)).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets a question they keep.
    ///
    /// # Errors
    /// [`CareError::NotFound`] for a question that is not theirs.
    pub async fn remove_question(&self, actor: &Actor, id: QuestionId) -> Result<(), CareError> {
        self.require(actor, Permission::SeeFigures).await?;
        let mut tx = self.begin(actor).await?;
        match tx.remove_question(actor.user_id, id).await {
            Err(storage::StorageError::Missing { .. }) => {
                return Err(CareError::NotFound { what: "esa pregunta guardada" });
            }
            done => done?,
        }
        let event = self.event(actor, AuditAction::Update, "saved_question", id, None);
        tx.append_audit(because(event, "quitada")).await?;
        Ok(tx.commit().await?)
    }
}

/// The questions somebody keeps themselves, without those others share.
async fn own_questions(tx: &mut Tx, actor: &Actor) -> Result<Vec<SavedQuestion>, CareError> {
    let mut kept = tx.saved_questions(actor.user_id).await?;
    kept.retain(|one| one.owner == actor.user_id);
    Ok(kept)
}

fn checked_name(name: &str) -> Result<String, CareError> {
    let mut check = Check::new();
    let name = check.text("nombre", name, "Escriba con qué nombre guardarla");
    if name.chars().count() > 80 && check.0.is_empty() {
        check.fail("nombre", "Escriba 80 letras o menos");
    }
    check.finish(Some(name))
}

fn taken(own: &[SavedQuestion], but: Option<QuestionId>, name: &str) -> Result<(), CareError> {
    if own.iter().any(|one| Some(one.id) != but && one.name == name) {
        return Err(CareError::invalid("nombre", "Ya guardó una pregunta con ese nombre"));
    }
    Ok(())
}

/// What is being added to a question.
struct Added<'a> {
    pairs: Pairs<'a>,
    clauses: Vec<Clause>,
    choices: Vec<(String, String)>,
    errors: Vec<FieldError>,
}

impl Added<'_> {
    fn fail(&mut self, field: &'static str, message: &str) {
        self.errors.push(FieldError::new(field, message));
    }

    fn add(&mut self, denied: bool, fact: Fact) {
        self.clauses.push(Clause { denied, fact });
    }

    fn when(&mut self, field: &'static str) -> Option<When> {
        let when = When::from_code(self.pairs.get(field));
        if when.is_none() {
            self.fail(field, "Elija cuándo de la lista");
        }
        when
    }

    /// A code that was chosen, a code or words that were typed, or a chapter.
    fn diagnosis(&mut self, catalogue: &Catalogue) {
        let (chosen, typed) = (self.pairs.get("elegir"), self.pairs.get("dx"));
        let (chapter, denied) = (self.pairs.get("capitulo"), self.pairs.denies("dx_niega"));
        if !chapter.is_empty() {
            match CHAPTERS.iter().find(|own| chapter.chars().eq([own.sign])) {
                Some(own) => {
                    if let Some(when) = self.when("dx_cuando") {
                        self.add(denied, Fact::Diagnosis { what: Diagnosed::Chapter(own), when });
                    }
                }
                None => self.fail("capitulo", "Elija un capítulo de la lista"),
            }
        }
        let words = if chosen.is_empty() { typed } else { chosen };
        if words.is_empty() {
            return;
        }
        if words.chars().count() > LONGEST {
            return self.fail("dx", "Escriba 100 letras o menos");
        }
        let code =
            IcdCode::new(&words.to_uppercase()).filter(|code| catalogue.known(code.as_str()).is_some());
        if let Some(code) = code {
            if let Some(when) = self.when("dx_cuando") {
                self.add(denied, Fact::Diagnosis { what: Diagnosed::Code(code), when });
            }
            return;
        }
        let found = catalogue.search(words, OFFERED).into_iter().map(|one| (one.code.icd11, one.code.title));
        self.choices = found.filter(|(code, _)| IcdCode::new(code).is_some()).collect();
        if self.choices.is_empty() {
            self.fail("dx", "No está en la CIE-11: escriba otras palabras o el código");
        }
    }

    fn medicine(&mut self) {
        let typed = self.pairs.get("rx");
        if typed.is_empty() {
            return;
        }
        let catalog = MedicineCatalog::core();
        let found = catalog.find(typed).map(|found| found.medicines).unwrap_or_default();
        let ingredient = match found.as_slice() {
            [one] => Key::new(one.inn),
            [] => {
                let near =
                    catalog.suggest(typed, 3).into_iter().map(|near| near.matched.name).collect::<Vec<_>>();
                let message = if near.is_empty() {
                    "No está en el catálogo de medicamentos: escriba su nombre genérico".to_owned()
                } else {
                    format!("No está en el catálogo de medicamentos. Parecidos: {}", near.join(", "))
                };
                return self.fail("rx", &message);
            }
            several => {
                let names: Vec<&str> = several.iter().map(|one| one.name_es).collect();
                let message = format!("Tiene varios ingredientes. Escriba uno: {}", names.join(", "));
                return self.fail("rx", &message);
            }
        };
        let (denied, when) = (self.pairs.denies("rx_niega"), self.when("rx_cuando"));
        if let Some((ingredient, when)) = ingredient.zip(when) {
            self.add(denied, Fact::Medicine { ingredient, when });
        }
    }

    fn value(&mut self) {
        let what = self.pairs.get("valor");
        if what.is_empty() {
            if !self.pairs.get("cantidad").is_empty() {
                self.fail("valor", "Elija qué valor");
            }
            return;
        }
        let Some(what) = Measured::from_code(what) else {
            return self.fail("valor", "Elija un valor de la lista");
        };
        let last = match self.pairs.get("valor_cual") {
            "medido" => None,
            "ultimo" => Some(true),
            "alguno" => Some(false),
            _ => return self.fail("valor_cual", "Elija de la lista qué valores cuentan"),
        };
        let test = match last {
            None => None,
            Some(last) => {
                let (how, amount) = (self.direction(), self.amount());
                let Some((how, amount)) = how.zip(amount) else { return };
                Some(Test { last, how, amount })
            }
        };
        let denied = self.pairs.denies("valor_niega");
        match Fact::value(what, test) {
            Ok(fact) => self.add(denied, fact),
            Err(error) => self.errors.push(told(&error)),
        }
    }

    fn direction(&mut self) -> Option<Comparator> {
        let code = self.pairs.get("valor_signo");
        let how = DIRECTIONS.into_iter().find(|own| direction_code(*own) == code);
        if how.is_none() {
            self.fail("valor_signo", "Elija de la lista cómo se compara");
        }
        how
    }

    fn amount(&mut self) -> Option<Amount> {
        let amount = self.pairs.get("cantidad").parse().ok();
        if amount.is_none() {
            self.fail("cantidad", "Escriba un número, por ejemplo 9 o 6.5");
        }
        amount
    }

    fn lacking(&mut self) {
        let code = self.pairs.get("pendiente");
        if code.is_empty() {
            return;
        }
        let known = prevention::controls::controls().into_iter().any(|one| one.code == code);
        match Key::new(code).filter(|_| known) {
            Some(control) => self.add(self.pairs.denies("pendiente_niega"), Fact::Lacking(control)),
            None => self.fail("pendiente", "Elija un control de la lista"),
        }
    }
}
