//! Antecedents and diagnoses in small consultations: questions, answers, relatives, and whose words count.

use crate::common::{check, facts};
use scribe::facts::{FactKind, Time};

#[test]
fn everyday_words_in_a_list_are_diseases_one_by_one() {
    check(
        "D: ¿Azúcar, presión, del corazón?\nP: Azúcar no. Presión sí, desde hace diez años.",
        &["denied_history diabetes mellitus", "history hipertensión arterial"],
        &["history diabetes mellitus", "history cardiopatía"],
    );
    check(
        "D: ¿Qué enfermedades tiene?\nP: La presión, y de los riñones.",
        &["history hipertensión arterial", "history enfermedad renal"],
        &[],
    );
    check("P: Me duele el estómago y me aprieta el corazón.", &[], &["history cardiopatía"]);
}

#[test]
fn at_the_limit_is_no_diabetes() {
    check(
        "D: ¿Padece de algo?\nP: El azúcar en el límite, me dijeron.",
        &["history prediabetes"],
        &["history diabetes mellitus"],
    );
}

#[test]
fn an_answer_about_cancer_names_only_the_site() {
    check(
        "D: ¿Alguien en su familia con cáncer?\nP: Mi tía, de páncreas. Y mi abuelo paterno, del pulmón.",
        &["history cáncer de páncreas | tía", "history cáncer de pulmón | abuelo por rama paterna"],
        &["history enfermedad pulmonar"],
    );
}

#[test]
fn what_runs_in_the_family_is_told_by_everyday_words_and_by_reference() {
    check(
        "D: ¿En su familia, azúcar, presión?\nP: Mi hermana presión. Mi mamá murió del corazón.",
        &["history hipertensión arterial | hermana", "history cardiopatía | madre"],
        &[],
    );
    check(
        "D: ¿Ha tenido hepatitis?\nP: No. Mi abuelo se murió de eso.",
        &["denied_history hepatitis", "history hepatitis | abuelo"],
        &[],
    );
    check("P: Mi tía dice que es gastritis.", &[], &["history gastritis | tía"]);
}

#[test]
fn the_cause_of_death_belongs_to_who_died() {
    check(
        "P: Ya nomás vive mi papá.\nD: ¿Y su mamá de qué murió?\nP: De un infarto.",
        &["history infarto agudo de miocardio | madre"],
        &[],
    );
}

#[test]
fn a_relative_s_disease_does_not_take_back_what_the_patient_denies() {
    check(
        "D: ¿Diabetes?\nP: No.\nD: ¿Y en su familia?\nP: Mi mamá es diabética.",
        &["denied_history diabetes mellitus", "history diabetes mellitus | madre"],
        &[],
    );
}

#[test]
fn a_parent_beside_a_child_who_speaks_tells_of_themselves() {
    check(
        "D: ¿Quién lo acompaña?\nC: Yo, soy su mamá.\nP: Me duele la cabeza.\nC: Yo tengo migraña.",
        &["history migraña | madre"],
        &[],
    );
}

#[test]
fn a_habit_given_up_is_neither_denied_nor_present() {
    for text in [
        "D: ¿Fuma?\nP: Delicados. Dejé hace quince años.",
        "D: ¿Fuma, toma?\nP: No nada, fumaba poquito pero lo dejé.",
        "D: ¿Volvió a fumar?\nP: No, ninguno.",
    ] {
        let found = facts(text);
        let smoking = found.iter().find(|fact| fact.name == "tabaquismo").expect("smoking");
        assert_eq!((smoking.kind, smoking.time), (FactKind::History, Time::Past), "{text}");
    }
}

#[test]
fn drinking_is_asked_after_smoking_without_its_name() {
    check(
        "D: ¿Fuma, toma?\nP: Unos tres cigarros. Tomar no.",
        &["history tabaquismo", "denied_history consumo de alcohol"],
        &[],
    );
    check("D: ¿Fuma, toma, usa algo?\nP: No, doctora.", &["denied_history consumo de drogas"], &[]);
    check("D: ¿Qué toma?\nP: Nada.", &[], &["denied_history consumo de alcohol"]);
}

#[test]
fn smoke_of_others_is_not_the_patient_s_smoking() {
    check(
        "D: ¿Y cigarro?\nP: No, nunca. Mi papá fuma mucho, en la casa.",
        &["denied_history tabaquismo", "history tabaquismo pasivo"],
        &["history tabaquismo"],
    );
    check("C: Le echamos alcohol en el ombligo.", &[], &["history consumo de alcohol"]);
}

#[test]
fn the_work_and_who_is_ill_around_are_part_of_the_history() {
    check("D: ¿A qué se dedica?\nP: Soy soldador.", &["history ocupación: soldador"], &[]);
    check("P: Trabajo en una tortillería y me duele la mano.", &["history trabaja en tortillería"], &[]);
    check(
        "D: ¿Alguien enfermo en casa?\nP: Mi otro niño trajo gripa.",
        &["history contacto con enfermos"],
        &[],
    );
}

#[test]
fn what_the_clinician_takes_for_known_is_an_antecedent() {
    check(
        "P: Vengo por mis recetas.\nD: La diabetes sigue descontrolada. Su hipertensión está estable.",
        &["history diabetes mellitus", "history hipertensión arterial"],
        &[],
    );
    check(
        "P: ¿Qué tengo?\nD: Esto es una gastritis.",
        &["diagnosis gastritis | confirmed"],
        &["history gastritis"],
    );
    check("D: Baje la sal para prevenir la hipertensión.", &[], &["history hipertensión arterial"]);
}

#[test]
fn vaccines_are_told_one_by_one_or_as_a_scheme() {
    check(
        "D: ¿Le han puesto la vacuna de influenza y la de neumococo?\nP: La de influenza sí, en octubre. La otra no.",
        &["history vacuna de influenza", "denied_history vacuna de neumococo"],
        &[],
    );
    check("D: ¿Vacunas?\nC: Le faltan las del año.", &["history esquema de vacunación incompleto"], &[]);
    check("D: ¿Sus vacunas?\nC: Completas.", &["history vacunación completa"], &[]);
}

#[test]
fn weeks_and_way_of_birth_are_one_antecedent() {
    check(
        "D: ¿Cómo nació?\nC: De treinta y nueve semanas, por cesárea.",
        &["history nacido de término por cesárea"],
        &["history cesárea", "history nacimiento por cesárea"],
    );
    check("P: Mi primera hija nació por parto normal.", &[], &["history nacimiento por parto"]);
}

#[test]
fn a_diagnosis_is_what_is_called_by_its_name() {
    check(
        "P: ¿Qué tengo?\nD: Es amigdalitis, por bacteria.",
        &["diagnosis faringoamigdalitis | confirmed"],
        &[],
    );
    check(
        "P: ¿Es menisco?\nD: No, es síndrome patelofemoral, por sobrecarga.",
        &["diagnosis síndrome patelofemoral | confirmed"],
        &[],
    );
    check(
        "P: ¿Y luego?\nD: Le pido una endoscopia para descartar enfermedad celíaca.",
        &["diagnosis enfermedad celíaca | suspected"],
        &[],
    );
    check(
        "P: Bueno.\nD: Le resumo. Hipotiroidismo, controlado. Anemia.",
        &["diagnosis hipotiroidismo | confirmed", "diagnosis anemia | confirmed"],
        &[],
    );
    check("P: ¿Me vacuna?\nD: Hoy le toca la dosis de influenza.", &[], &["diagnosis influenza"]);
}
