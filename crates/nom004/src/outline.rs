//! A document laid out as its physician wants it. What the norm asks for stays, and so does every section that says
//! something: an outline changes the order and what an empty document offers, never what can be read.

use clinical::outline::{Outline, OutlineSection};

use crate::definitions::{DocumentDefinition, FilledBy, Group, Obligation, SectionDefinition};

/// Whether no outline takes a section away: it is asked for, alone or as one of several, or the head says it.
#[must_use]
pub fn always_shown(document: &DocumentDefinition, section: &SectionDefinition) -> bool {
    section.obligation == Obligation::Required
        || section.filled_by.is_in_head()
        || document.one_of.iter().any(|rule| rule.sections.contains(&section.id))
}

/// The document with the sections of an outline in its order, own ones among them. A section the outline leaves out and that
/// is always shown, or that holds something, comes after the one it follows in the document.
#[must_use]
pub fn outlined(
    base: &DocumentDefinition,
    outline: &Outline,
    holds: impl Fn(&str) -> bool,
) -> DocumentDefinition {
    let mut sections: Vec<SectionDefinition> = Vec::new();
    for named in &outline.sections {
        if sections.iter().any(|section| section.id == named.id.0) {
            continue;
        }
        let before = sections.last().map_or(Group::Subjective, |section| section.group);
        sections.extend(base.section(&named.id).cloned().or_else(|| own(named, before)));
    }
    for (at, section) in base.sections.iter().enumerate() {
        if sections.iter().any(|shown| shown.id == section.id)
            || !always_shown(base, section) && !holds(&section.id)
        {
            continue;
        }
        let place = |id: &str| sections.iter().position(|shown| shown.id == id);
        let before = base.sections[..at].iter().rev().find_map(|before| place(&before.id));
        sections.insert(before.map_or(0, |place| place + 1), section.clone());
    }
    DocumentDefinition { sections, ..base.clone() }
}

/// A section of the physician's own: free text that nobody asks for.
fn own(named: &OutlineSection, group: Group) -> Option<SectionDefinition> {
    Some(SectionDefinition {
        id: named.id.0.to_string(),
        label: named.own_label.clone()?,
        place: None,
        citation: None,
        obligation: Obligation::Optional,
        hint: "Apartado de su plantilla".to_owned(),
        group,
        filled_by: FilledBy::Items,
        asks_allergies: false,
        missing: String::new(),
        takes: None,
        hears: Vec::new(),
        listed: false,
    })
}

#[cfg(test)]
mod tests {
    use clinical::document::DocumentKind;
    use clinical::draft::SectionId;

    use super::*;
    use crate::definition;

    fn outline(ids: &[&str]) -> Outline {
        let section = |id: &&str| OutlineSection {
            id: SectionId::new(id),
            own_label: id.starts_with("propio.").then(|| "Metas del paciente".to_owned()),
        };
        Outline { name: "Control".to_owned(), sections: ids.iter().map(section).collect() }
    }

    fn ids(document: &DocumentDefinition) -> Vec<&str> {
        document.sections.iter().map(|section| section.id.as_str()).collect()
    }

    #[test]
    fn what_the_norm_asks_for_stays_whatever_an_outline_leaves_out() {
        for document in crate::definitions() {
            let bare = outlined(document, &outline(&[]), |_| false);
            let required: Vec<&str> = document
                .sections
                .iter()
                .filter(|section| always_shown(document, section))
                .map(|section| section.id.as_str())
                .collect();
            assert_eq!(ids(&bare), required, "{:?}", document.kind);
            assert_eq!(bare.one_of, document.one_of);
        }
    }

    #[test]
    fn the_order_is_that_of_the_outline_with_own_sections_in_place() {
        let base = definition(DocumentKind::PROGRESS_NOTE);
        let wanted = outline(&["ev.diagnosticos", "propio.1", "ev.evolucion", "ev.evolucion", "de.otra"]);
        let laid = outlined(base, &wanted, |_| false);
        let place = |id: &str| ids(&laid).iter().position(|other| *other == id).unwrap();
        // What is always shown comes between them, after the one it follows in the document.
        let named = ["ev.diagnosticos", "propio.1", "ev.evolucion"].map(place);
        assert!(named.is_sorted(), "{:?}", ids(&laid));
        assert!(!ids(&laid).contains(&"de.otra"), "a section of nowhere without a heading");
        let unique: std::collections::BTreeSet<&str> = ids(&laid).into_iter().collect();
        assert_eq!(unique.len(), laid.sections.len());
    }

    #[test]
    fn a_section_left_out_is_there_again_when_it_says_something() {
        let base = definition(DocumentKind::CLINICAL_HISTORY);
        let optional = base.sections.iter().find(|section| !always_shown(base, section)).unwrap();
        assert!(!ids(&outlined(base, &outline(&[]), |_| false)).contains(&optional.id.as_str()));
        let laid = outlined(base, &outline(&[]), |id| id == optional.id);
        assert!(ids(&laid).contains(&optional.id.as_str()));
    }
}
