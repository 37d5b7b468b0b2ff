//! What a medicine is usually sold as: forms with their strengths, in the words a receta writes them.

use super::catalog::CombinedForm;
use super::{Medicine, MedicineCatalog, Presented};

/// Most presentations that are named of one medicine.
const MOST: usize = 16;

impl MedicineCatalog {
    /// Forms with their usual strengths of a medicine or of a fixed combination, by any of its names: solids by the piece,
    /// liquids by volume, what is put on the skin in hundredths, combinations with the strength of each ingredient in the order
    /// of the name. Which one there is, the box says.
    #[must_use]
    pub fn presentations(&self, name: &str) -> Vec<String> {
        let medicines = match self.find(name) {
            Some(found) => found.medicines,
            // "amoxicilina / ácido clavulánico" or "butilhioscina con metamizol", as a combination is written or said.
            None => {
                let parts = name.replace(" con ", "/");
                let parts: Option<Vec<_>> = parts.split('/').map(|part| self.find(part.trim())).collect();
                parts.into_iter().flatten().flat_map(|part| part.medicines).collect()
            }
        };
        let mut out = match medicines.as_slice() {
            [] => Vec::new(),
            [one] => single(one),
            several => self.combined(several),
        };
        out.truncate(MOST);
        out
    }

    fn combined(&self, medicines: &[&Medicine]) -> Vec<String> {
        let inns: Vec<&str> = medicines.iter().map(|medicine| medicine.inn).collect();
        let forms = self.combined_forms(&inns);
        forms
            .iter()
            .flat_map(|form| form.strengths.iter().filter_map(|each| in_order(form, each, &inns)))
            .collect()
    }
}

/// "tableta de 875 mg/125 mg", in the order of the ingredients as they are named; `None` where one is missing.
fn in_order(form: &CombinedForm, strengths: &[&str], inns: &[&str]) -> Option<String> {
    let of = |inn: &&str| {
        let at = form.inns.iter().position(|own| own == inn)?;
        strengths.get(at).copied()
    };
    let mut parts: Vec<&str> = inns.iter().map(of).collect::<Option<_>>()?;
    parts.extend(Some(form.per).filter(|per| !per.is_empty()));
    Some(format!("{} de {}", form.form, parts.join("/")))
}

fn single(medicine: &Medicine) -> Vec<String> {
    let named = |one: &Presented| {
        let form = one.form;
        let words = |strength: &&str| match strength.ends_with('%') {
            true => format!("{form} al {strength}"),
            false => format!("{form} de {strength}"),
        };
        one.strengths.iter().map(words).collect::<Vec<_>>()
    };
    medicine.presented.iter().flat_map(named).collect()
}

#[cfg(test)]
mod tests {
    use clinical::form::Form;

    use super::*;

    #[test]
    fn every_form_of_the_catalogue_is_one_whose_way_is_known() {
        let catalog = MedicineCatalog::core();
        let combined = catalog.combined.values().flatten().map(|one| one.form);
        let single = catalog.medicines().iter().flat_map(|medicine| &medicine.presented).map(|one| one.form);
        for form in single.chain(combined) {
            assert!(Form::read(form).is_some(), "{form}");
        }
    }

    #[test]
    fn a_combination_names_its_strengths_in_the_order_of_its_name() {
        let first = |name: &str| MedicineCatalog::core().presentations(name).into_iter().next();
        let tablet = Some("tableta de 80 mg/400 mg".to_owned());
        assert_eq!(first("trimetoprima con sulfa"), tablet);
        assert_eq!(first("trimetoprima / sulfametoxazol"), tablet);
        assert_eq!(first("butilhioscina con metamizol").as_deref(), Some("tableta de 10 mg/250 mg"));
        assert_eq!(first("Bactrim").as_deref(), Some("tableta de 400 mg/80 mg"));
        assert!(
            MedicineCatalog::core()
                .presentations("amoxicilina / ácido clavulánico")
                .contains(&"suspensión oral de 400 mg/57 mg/5 mL".to_owned())
        );
        assert_eq!(first("metformina / losartán"), None, "they are not sold together");
    }

    #[test]
    fn every_form_has_its_own_strengths() {
        let all = |name: &str| MedicineCatalog::core().presentations(name).join("; ");
        assert_eq!(all("fosfomicina"), "granulado en sobre de 3 g; cápsula de 500 mg");
        assert_eq!(
            all("naproxeno"),
            "tableta de 250 mg; tableta de 275 mg; tableta de 500 mg; tableta de 550 mg; suspensión oral de 125 mg/5 mL"
        );
        assert!(all("paracetamol").contains("supositorio de 300 mg"), "{}", all("paracetamol"));
        assert!(!all("paracetamol").contains("tableta de 300 mg"), "{}", all("paracetamol"));
        assert_eq!(all("mupirocina"), "ungüento al 2 %");
    }
}
