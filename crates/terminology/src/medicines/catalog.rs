//! Reads the medicine tables and indexes every name.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use clinical::form::Form;

use super::{Match, Medicine, NameKind, Presented, SaleGroup};
use crate::fold::fold;

/// The tables of `catalogs/medicines`, as text.
#[derive(Debug, Clone, Copy)]
pub struct CatalogFiles {
    /// `ingredients.tsv`.
    pub ingredients: &'static str,
    /// `presentations.tsv`.
    pub presentations: &'static str,
    /// `combination_presentations.tsv`.
    pub combination_presentations: &'static str,
    /// `brands.tsv`.
    pub brands: &'static str,
    /// `combinations.tsv`.
    pub combinations: &'static str,
    /// `heard_as.tsv`.
    pub heard_as: &'static str,
    /// `class_names.tsv`.
    pub class_names: &'static str,
    /// `doubtful_words.tsv`.
    pub doubtful_words: &'static str,
}

/// A row of a table that was skipped, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{table}: «{row}»: {reason}")]
pub struct CatalogProblem {
    /// The table.
    pub table: &'static str,
    /// First cell of the row.
    pub row: String,
    /// What is wrong.
    pub reason: &'static str,
}

/// Every medicine known, by every name.
#[derive(Default, Debug)]
pub struct MedicineCatalog {
    pub(super) medicines: Vec<Medicine>,
    pub(super) names: Vec<Name>,
    pub(super) by_fold: HashMap<String, u32>,
    by_inn: HashMap<&'static str, u16>,
    pub(super) classes: Vec<ClassName>,
    pub(super) class_by_fold: HashMap<String, u16>,
    /// First word of a name or class name -> most words such a name has.
    pub(super) longest_from: HashMap<String, u8>,
    /// Sorted ingredient lists of the fixed combinations sold.
    pub(super) combinations: HashSet<Vec<u16>>,
    /// Sorted ingredients -> the forms they are sold in together.
    pub(super) combined: HashMap<Vec<u16>, Vec<CombinedForm>>,
    pub(super) doubtful: HashSet<String>,
}

/// A form of a fixed combination with its strengths.
#[derive(Debug)]
pub(super) struct CombinedForm {
    pub(super) form: &'static str,
    /// INN of each ingredient, in the order of the strengths.
    pub(super) inns: Vec<&'static str>,
    /// How much one piece or volume has of each.
    pub(super) strengths: Vec<Vec<&'static str>>,
    /// The volume, of liquids; empty for a piece.
    pub(super) per: &'static str,
}

/// One name of one or more ingredients.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: &'static str,
    pub(super) folded: String,
    pub(super) kind: NameKind,
    pub(super) use_: NameUse,
    pub(super) medicines: Vec<u16>,
}

/// How a name may appear in running text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameUse {
    Free,
    /// An ordinary word unless written with a capital.
    Capitalised,
    /// Also a person's name.
    PersonName,
}

/// Spanish wordings of a class.
#[derive(Debug)]
pub(super) struct ClassName {
    pub(super) key: &'static str,
}

impl MedicineCatalog {
    /// The catalogue that ships with the program.
    ///
    /// Rows that cannot be read are left out; a test holds that there are none.
    #[must_use]
    pub fn core() -> &'static Self {
        static CORE: OnceLock<MedicineCatalog> = OnceLock::new();
        CORE.get_or_init(|| Self::load(&CORE_FILES).0)
    }

    /// Reads the tables. What could be read is returned together with the rows that could not.
    #[must_use]
    pub fn load(files: &CatalogFiles) -> (Self, Vec<CatalogProblem>) {
        let mut builder = Builder::default();
        builder.ingredients(files.ingredients);
        builder.presentations(files.presentations);
        builder.products("combinations", files.combinations, NameKind::Generic);
        builder.products("brands", files.brands, NameKind::Brand);
        builder.combination_presentations(files.combination_presentations);
        builder.heard_as(files.heard_as);
        builder.class_names(files.class_names);
        for cell in rows(files.doubtful_words).flat_map(|row| row[0].split(';')) {
            builder.catalog.doubtful.insert(fold(cell));
        }
        (builder.catalog, builder.problems)
    }

    /// Exact look-up by any generic, salt, brand or heard name; accents and case do not matter.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Match<'_>> {
        let key = fold(text);
        self.by_fold.get(&key).map(|&idx| self.matched(idx))
    }

    /// The medicine of an INN, exactly as the catalogue writes it.
    #[must_use]
    pub fn by_inn(&self, inn: &str) -> Option<&Medicine> {
        self.by_inn.get(inn).map(|&idx| &self.medicines[usize::from(idx)])
    }

    /// Class key (e.g. `aine`) of a Spanish class name such as «antiinflamatorios».
    #[must_use]
    pub fn find_class(&self, text: &str) -> Option<&'static str> {
        self.class_by_fold.get(&fold(text)).map(|&idx| self.classes[usize::from(idx)].key)
    }

    /// Every active ingredient, ordered by INN.
    #[must_use]
    pub fn medicines(&self) -> &[Medicine] {
        &self.medicines
    }

    /// Ingredients of an interaction class.
    pub fn members<'a>(&'a self, class: &'a str) -> impl Iterator<Item = &'a Medicine> + 'a {
        self.medicines.iter().filter(move |m| m.has_class(class))
    }

    /// Brand names known for exactly this list of ingredients (INN, any order).
    #[must_use]
    pub fn brands_of(&self, inns: &[&str]) -> Vec<&'static str> {
        let mut ids: Vec<u16> = inns.iter().filter_map(|inn| self.by_inn.get(inn).copied()).collect();
        ids.sort_unstable();
        self.names
            .iter()
            .filter(|name| name.kind == NameKind::Brand)
            .filter(|name| {
                let mut own = name.medicines.clone();
                own.sort_unstable();
                own == ids
            })
            .map(|name| name.text)
            .collect()
    }

    /// Whether these ingredients (INN) are sold together as one product.
    #[must_use]
    pub fn is_fixed_combination(&self, inns: &[&str]) -> bool {
        let mut ids: Vec<u16> = inns.iter().filter_map(|inn| self.by_inn.get(inn).copied()).collect();
        ids.sort_unstable();
        ids.len() == inns.len() && self.combinations.contains(&ids)
    }

    /// The forms of a fixed combination, its ingredients (INN) in any order.
    pub(super) fn combined_forms(&self, inns: &[&str]) -> &[CombinedForm] {
        let mut ids: Vec<u16> = inns.iter().filter_map(|inn| self.by_inn.get(inn).copied()).collect();
        ids.sort_unstable();
        self.combined.get(&ids).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn matched(&self, idx: u32) -> Match<'_> {
        let name = &self.names[idx as usize];
        let medicines = name.medicines.iter().map(|&id| &self.medicines[usize::from(id)]).collect();
        Match { name: name.text, kind: name.kind, medicines }
    }
}

const CORE_FILES: CatalogFiles = CatalogFiles {
    ingredients: include_str!("../../../../catalogs/medicines/ingredients.tsv"),
    presentations: include_str!("../../../../catalogs/medicines/presentations.tsv"),
    combination_presentations: include_str!("../../../../catalogs/medicines/combination_presentations.tsv"),
    brands: include_str!("../../../../catalogs/medicines/brands.tsv"),
    combinations: include_str!("../../../../catalogs/medicines/combinations.tsv"),
    heard_as: include_str!("../../../../catalogs/medicines/heard_as.tsv"),
    class_names: include_str!("../../../../catalogs/medicines/class_names.tsv"),
    doubtful_words: include_str!("../../../../catalogs/medicines/doubtful_words.tsv"),
};

#[derive(Default)]
struct Builder {
    catalog: MedicineCatalog,
    problems: Vec<CatalogProblem>,
}

impl Builder {
    fn ingredients(&mut self, text: &'static str) {
        for row in rows(text) {
            let [inn, name_es, usan, synonyms, classes, families, sale_group] = row[..] else {
                self.problem("ingredients", row[0], "expected seven cells");
                continue;
            };
            let Ok(id) = u16::try_from(self.catalog.medicines.len()) else { return };
            if self.catalog.by_inn.insert(inn, id).is_some() {
                self.problem("ingredients", inn, "appears twice");
                continue;
            }
            let usan = (!usan.is_empty()).then_some(usan);
            let synonyms = list(synonyms);
            let mut names = vec![name_es, inn];
            names.extend(usan);
            names.extend(&synonyms);
            for name in names {
                let clash = self.name(name, NameKind::Generic, NameUse::Free, vec![id]);
                if clash.is_some_and(|other| other != id) {
                    self.problem("ingredients", name, "names two ingredients");
                }
            }
            self.catalog.medicines.push(Medicine {
                inn,
                name_es,
                usan,
                synonyms,
                classes: list(classes),
                allergy_families: list(families),
                sale_group: SaleGroup::parse(sale_group),
                presented: Vec::new(),
                routes: Vec::new(),
            });
        }
    }

    fn presentations(&mut self, text: &'static str) {
        for row in rows(text) {
            let [inn, forms, routes, strengths] = row[..] else {
                self.problem("presentations", row[0], "expected four cells");
                continue;
            };
            let Some(&id) = self.catalog.by_inn.get(inn) else {
                self.problem("presentations", inn, "no such ingredient");
                continue;
            };
            let forms = list(forms);
            let each: Vec<&'static str> = strengths.split('|').collect();
            if each.len() > 1 && each.len() != forms.len() {
                self.problem("presentations", inn, "as many strengths between | as forms");
                continue;
            }
            let medicine = &mut self.catalog.medicines[usize::from(id)];
            medicine.routes = list(routes);
            medicine.presented = if each.len() == forms.len() {
                let own = forms.into_iter().zip(each);
                own.map(|(form, own)| Presented { form, strengths: list(own) }).collect()
            } else {
                let all = list(strengths);
                forms.into_iter().map(|form| Presented { form, strengths: fitting(form, &all) }).collect()
            };
        }
    }

    fn combination_presentations(&mut self, text: &'static str) {
        for row in rows(text) {
            let [ingredients, form, strengths, ref rest @ ..] = row[..] else {
                self.problem("combination_presentations", row[0], "expected three cells or more");
                continue;
            };
            let inns: Vec<&'static str> = ingredients.split('+').collect();
            let mut ids: Vec<u16> =
                inns.iter().filter_map(|inn| self.catalog.by_inn.get(inn).copied()).collect();
            ids.sort_unstable();
            let strengths: Vec<Vec<&'static str>> =
                list(strengths).into_iter().map(|each| each.split('+').collect()).collect();
            if !self.catalog.combinations.contains(&ids)
                || strengths.iter().any(|each| each.len() != inns.len())
            {
                self.problem(
                    "combination_presentations",
                    row[0],
                    "no such combination, or a strength too few",
                );
                continue;
            }
            let per = rest.first().copied().unwrap_or_default();
            self.catalog.combined.entry(ids).or_default().push(CombinedForm { form, inns, strengths, per });
        }
    }

    fn products(&mut self, table: &'static str, text: &'static str, kind: NameKind) {
        for row in rows(text) {
            let Some(&ingredients) = row.get(1) else {
                self.problem(table, row[0], "no ingredients");
                continue;
            };
            let ids: Option<Vec<u16>> =
                ingredients.split('+').map(|inn| self.catalog.by_inn.get(inn).copied()).collect();
            let Some(ids) = ids else {
                self.problem(table, row[0], "an ingredient is unknown");
                continue;
            };
            if ids.len() > 1 {
                let mut sorted = ids.clone();
                sorted.sort_unstable();
                self.catalog.combinations.insert(sorted);
            }
            let use_ = match row.get(2).copied().unwrap_or_default() {
                "capitalised" => NameUse::Capitalised,
                "name" => NameUse::PersonName,
                _ => NameUse::Free,
            };
            if self.name(row[0], kind, use_, ids).is_some() {
                self.problem(table, row[0], "is already the name of something");
            }
        }
    }

    fn heard_as(&mut self, text: &'static str) {
        for row in rows(text) {
            let Some(&id) = self.catalog.by_inn.get(row[0]) else {
                self.problem("heard_as", row[0], "no such ingredient");
                continue;
            };
            for form in list(row.get(1).copied().unwrap_or_default()) {
                self.name(form, NameKind::Heard, NameUse::Free, vec![id]);
            }
        }
    }

    fn class_names(&mut self, text: &'static str) {
        for row in rows(text) {
            let Ok(idx) = u16::try_from(self.catalog.classes.len()) else { return };
            for name in list(row.get(1).copied().unwrap_or_default()) {
                let folded = fold(name);
                self.reach(&folded);
                if self.catalog.class_by_fold.insert(folded, idx).is_some() {
                    self.problem("class_names", name, "names two classes");
                }
            }
            self.catalog.classes.push(ClassName { key: row[0] });
        }
    }

    /// Adds a name; when it exists already the first owner stays, and its first ingredient is returned.
    fn name(
        &mut self,
        text: &'static str,
        kind: NameKind,
        use_: NameUse,
        medicines: Vec<u16>,
    ) -> Option<u16> {
        let folded = fold(text);
        if let Some(&idx) = self.catalog.by_fold.get(&folded) {
            return self.catalog.names[idx as usize].medicines.first().copied();
        }
        let Ok(idx) = u32::try_from(self.catalog.names.len()) else { return None };
        self.reach(&folded);
        self.catalog.by_fold.insert(folded.clone(), idx);
        self.catalog.names.push(Name { text, folded, kind, use_, medicines });
        None
    }

    /// Notes how many words a name starting with this word may have.
    fn reach(&mut self, folded: &str) {
        let mut words = folded.split(' ');
        let Some(first) = words.next() else { return };
        let count = u8::try_from(1 + words.count()).unwrap_or(u8::MAX);
        let longest = self.catalog.longest_from.entry(first.to_owned()).or_default();
        *longest = (*longest).max(count);
    }

    fn problem(&mut self, table: &'static str, row: &str, reason: &'static str) {
        self.problems.push(CatalogProblem { table, row: row.to_owned(), reason });
    }
}

/// The strengths a form can have: of a piece, or else of a volume or in hundredths.
fn fitting(form: &str, strengths: &[&'static str]) -> Vec<&'static str> {
    let solid = Form::read(form).is_some_and(Form::is_solid);
    strengths.iter().filter(|strength| strength.contains(['/', '%']) != solid).copied().collect()
}

/// Rows of a table without comments and without its heading; each has at least one cell.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .skip(1)
        .map(|line| line.split('\t').collect())
}

/// Parts of a cell separated by `;`.
fn list(cell: &'static str) -> Vec<&'static str> {
    cell.split(';').map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_has_no_problem() {
        let (catalog, problems) = MedicineCatalog::load(&CORE_FILES);
        assert_eq!(problems, []);
        assert!(catalog.medicines.len() >= 500, "{}", catalog.medicines.len());
    }

    /// The ingredients (Spanish) that a name stands for.
    fn check(name: &str, expected: &[&str]) {
        let found = MedicineCatalog::core().find(name);
        let names: Vec<_> = found.iter().flat_map(|m| m.medicines.iter().map(|m| m.name_es)).collect();
        assert_eq!(names, expected, "{name}");
    }

    #[test]
    fn any_name_leads_to_its_ingredients() {
        check("TEMPRA", &["paracetamol"]);
        check("acetaminophen", &["paracetamol"]);
        check("Losartan potasico", &["losartán"]);
        check("ciprofloxacina", &["ciprofloxacino"]);
        check("metmorfina", &["metformina"]);
        check("adrenalina", &["epinefrina"]);
        check("glyburide", &["glibenclamida"]);
        check("cosa que nadie conoce", &[]);
    }

    #[test]
    fn a_fixed_combination_expands_to_every_ingredient() {
        check("Antiflu-Des", &["amantadina", "clorfenamina", "paracetamol"]);
        check("bactrim f", &["sulfametoxazol", "trimetoprima"]);
        check("trimetoprim con sulfa", &["trimetoprima", "sulfametoxazol"]);
        assert!(MedicineCatalog::core().is_fixed_combination(&["trimethoprim", "sulfamethoxazole"]));
        assert!(!MedicineCatalog::core().is_fixed_combination(&["metformin", "losartan"]));
    }

    #[test]
    fn every_class_named_in_spanish_has_a_key() {
        let catalog = MedicineCatalog::core();
        assert_eq!(catalog.find_class("Antiinflamatorios"), Some("aine"));
        assert_eq!(catalog.find_class("inhibidores de la bomba"), Some("ibp"));
        assert_eq!(catalog.find_class("sulfas"), Some("sulfonamida"));
        assert_eq!(catalog.find_class("silla"), None);
    }

    #[test]
    fn antibiotics_are_marked() {
        let catalog = MedicineCatalog::core();
        assert!(catalog.by_inn("amoxicillin").is_some_and(Medicine::is_antibiotic));
        assert!(catalog.by_inn("paracetamol").is_some_and(|m| !m.is_antibiotic()));
    }
}
