//! Tables as spreadsheets write them, and what is wrong with them, by line.

use super::*;

fn faults(text: &str) -> Vec<String> {
    read(text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn a_table_becomes_reports_by_sample() {
    let text = "Fecha;Hora;Estudio;Resultado;Unidad;Referencia;Laboratorio\r\n\
        09/03/2026;07:40;Glucosa;126;mg/dL;70 - 100;Laboratorio Inventado\r\n\
        \r\n\
        09/03/2026;07:40;\"Creatinina; sérica\";0.9;mg/dL;0.5-1.2;Laboratorio Inventado\r\n\
        10/03/2026;;Urocultivo;\"Sin \"\"desarrollo\"\"\";;;\r\n";
    let incoming = read(text).unwrap();
    assert_eq!(incoming.reports.len(), 2);
    let first = &incoming.reports[0];
    assert_eq!(first.taken.to_string(), "2026-03-09T07:40");
    assert_eq!(first.results.len(), 2);
    assert_eq!(first.results[0].result.loinc.as_deref(), Some("2345-7"));
    assert_eq!(first.results[1].result.analyte, "Creatinina; sérica");
    let culture = &incoming.reports[1].results[0];
    assert_eq!(
        (culture.place.as_str(), culture.result.value.to_string().as_str()),
        ("Renglón 5", "Sin \"desarrollo\"")
    );
}

#[test]
fn commas_and_tabs_separate_too() {
    for sign in [",", "\t"] {
        let text = format!("estudio{sign}resultado{sign}fecha\nTSH{sign}2.1{sign}2026-03-09");
        assert_eq!(read(&text).unwrap().reports[0].results[0].result.analyte, "TSH");
    }
}

#[test]
fn every_fault_is_told_with_its_line_and_what_to_write() {
    let text = "fecha,estudio,resultado,hora\n31/02/2026,Glucosa,99,\n09/03/2026,,5,\n09/03/2026,Leucocitos,\"5,600\",\n09/03/2026,TSH,,9 am\n";
    assert_eq!(
        faults(text),
        [
            "Renglón 2: en «fecha» escriba día/mes/año, por ejemplo 09/03/2026",
            "Renglón 3: en «estudio» escriba qué se midió",
            "Renglón 4: en «resultado» la coma puede ser de miles o de decimales: escriba el número sin coma, por ejemplo 5600 o 5.6",
            "Renglón 5: en «hora» escriba hora y minutos, por ejemplo 07:40, o déjela vacía",
            "Renglón 5: en «resultado» escriba el número o el texto",
        ]
    );
}

#[test]
fn a_table_without_its_columns_or_lines_says_which() {
    assert!(faults("nombre,valor\nGlucosa,99")[0].contains("falta la columna «fecha»"));
    assert!(faults("fecha,estudio,resultado\n")[0].contains("agregue un renglón por resultado"));
    assert!(faults("fecha,estudio,resultado\n09/03/2026,\"Glucosa,99")[0].contains("comilla"));
    let long = format!("fecha,estudio,resultado\n{}", "09/03/2026,a,1\n".repeat(201));
    assert!(faults(&long)[0].contains("200 renglones"));
}
