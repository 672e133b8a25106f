//! Files of VASP that are not what they seem: responses beside the ground state, cut ends, titles that contradict.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use mtprs::endpoint::Input;
use mtprs::structure_files::{EnergyKind, Format, ReadSettings, StructureReader};

use crate::{Outcome, outcome, replaced, replaced_once};

/// Three steps of Mg2O with energies of -21.5, -22.5 and -23.5 eV, of which the second did not converge.
fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/structure_files").join(name);
    fs::read_to_string(path).unwrap()
}

/// Energies of the steps that are kept, and the number of each other step with the first line of its reason.
fn kept(outcome: &Outcome) -> (Vec<f64>, Vec<String>) {
    (outcome.energies(), outcome.told())
}

fn read(text: &str, format: Format) -> (Vec<f64>, Vec<String>) {
    kept(&outcome(text, format, &ReadSettings::default()))
}

/// What a file gives of whose steps the second alone did not converge.
fn first_and_third() -> (Vec<f64>, Vec<String>) {
    (vec![-21.5, -23.5], vec!["2: the electrons did not converge".to_owned()])
}

/// The three calculations of vasprun.xml, each with electronic steps of these energies behind its forces, stress and
/// energy, where those of DFPT (LEPSILON) stand.
fn with_response(energies: &[f64]) -> String {
    let step = |energy: &f64| {
        let names = ["e_fr_energy", "e_wo_entrp", "e_0_energy"];
        let energies = names.map(|name| format!("<i name=\"{name}\"> {energy:.8} </i>"));
        format!("  <scstep>\n  <energy>{}</energy>\n  </scstep>\n", energies.concat())
    };
    let response: String = energies.iter().map(step).collect();
    replaced(&fixture("vasprun.xml"), " </calculation>", &format!("{response} </calculation>"))
}

#[test]
fn electronic_steps_behind_the_results_of_a_calculation_do_not_count_as_its_own() {
    // Two steps of a response with the same energy would make a converged loop of step 2; twelve with others would
    // exhaust NELM = 3 and make one that did not converge of steps 1 and 3.
    let falling: Vec<f64> = (0..12).map(|step| -0.25 - 0.125 * f64::from(step)).collect();
    for energies in [&[-0.214_895_44; 2][..], &falling] {
        let text = with_response(energies);
        assert_eq!(read(&text, Format::VASPRUN), first_and_third());
        // The last electronic step of the ground state has e_fr_energy = -21.5 and e_0_energy = -21.375.
        let settings = ReadSettings { energy: EnergyKind::ZeroSmearing, ..ReadSettings::default() };
        assert_eq!(outcome(&text, Format::VASPRUN, &settings).energies()[0], -21.375);
    }
}

/// The relaxation as VASP 5 prints it, which says that EDIFF is reached where NELM ended the loop, too.
fn outcar_of_vasp_5() -> String {
    let text = replaced(&fixture("OUTCAR_relaxation"), "vasp.6.3.2 27Jun22", "vasp.5.4.4.18Apr17");
    let (unsaid, said) =
        ("aborting loop EDIFF was not reached (unconverged)", "aborting loop because EDIFF is reached");
    text.replace(unsaid, said)
}

/// The line of the energies that ends step 1.
const END_OF_FIRST: &str =
    "  energy  without entropy=        -21.25000000  energy(sigma->0) =        -21.37500000\n";

fn iteration(ionic: usize, electronic: usize) -> String {
    let dashes = "-".repeat(39);
    format!(
        "{dashes} Iteration {ionic:6}({electronic:4})  {dashes}\n  free energy    TOTEN  =        -0.50000000 eV\n"
    )
}

#[test]
fn steps_behind_a_response_are_checked_for_convergence() {
    let whole = outcar_of_vasp_5();
    assert_eq!(read(&whole, Format::OUTCAR), first_and_third());
    let response = " Linear response to external field, progress :\n  Direction:   1\n".to_owned();
    // The header of every OUTCAR has a heading that begins like the response itself.
    let heading = " Linear response parameters\n   LEPSILON=     T    determine dielectric tensor\n";
    let dos = "   number of dos ";
    let headed = replaced_once(&whole, dos, &format!("{heading}{dos}"));
    let same_number = response.clone() + &iteration(1, 3) + &iteration(1, 4);
    // Were each perturbation to have a number of its own, it would have no results all the same.
    let own_numbers = response + &iteration(2, 1) + &iteration(2, 2) + &iteration(3, 1);
    for response in ["", &same_number, &own_numbers] {
        let text = replaced_once(&headed, END_OF_FIRST, &(END_OF_FIRST.to_owned() + response));
        assert_eq!(read(&text, Format::OUTCAR), first_and_third(), "{response}");
    }
}

#[test]
fn the_last_line_may_lack_its_end_but_none_of_its_decimals() {
    let whole = fixture("OUTCAR_relaxation");
    let without_end = whole.strip_suffix('\n').unwrap();
    assert_eq!(read(without_end, Format::OUTCAR), first_and_third());
    let (_, mut told) = first_and_third();
    told.push("3: it is incomplete: the file ends in the middle of a line".to_owned());
    let inside = whole.rfind("TOTEN").unwrap() + 20;
    for end in [without_end.len() - 1, without_end.len() - 30, inside] {
        assert_eq!(read(&whole[..end], Format::OUTCAR), (vec![-21.5], told.clone()), "{end}");
    }
}

#[test]
fn titles_that_vrhfin_or_the_mass_contradict_are_refused_and_isotopes_are_not() {
    let whole = fixture("OUTCAR_relaxation");
    let run = |title: &str, configuration: &str, mass: &str| {
        let text = replaced(&whole, "PAW_PBE O 08Apr2002", &format!("PAW_PBE {title} 08Apr2002"));
        let text = replaced(&text, "VRHFIN =O: s2p4", &format!("VRHFIN ={configuration}"));
        let text = replaced(&text, "POMASS =   16.000;", &format!("POMASS = {mass};"));
        let outcome = outcome(&text, Format::OUTCAR, &ReadSettings::default());
        let element = outcome.structures.last().and_then(|structure| structure.element(2));
        element.map_or_else(|| outcome.left_out[0].reason.clone(), str::to_owned)
    };
    for (title, configuration, mass, element) in [
        ("O_s", "O: s2p4", "16.000", "O"),
        ("Zr_sv", "r : 4s4p5s4d", "91.224", "Zr"),
        ("Xe", "X: s2p6", "131.294", "Xe"),
        // deuterium, hydrogen with the mass of carbon, and a fractional charge
        ("H", "H: ultrasoft test", "2.014", "H"),
        ("H", "H: ultrasoft test", "12.011", "H"),
        ("H.5", "H: ultrasoft test", "1.000", "H"),
        ("H1.25", " H: ultrasoft test", "1.000", "H"),
        // nothing that is known has this mass
        ("Zr_sv", "r : 4s4p5s4d", "******", "Zr"),
        ("O", "O: s2p4", "0.000", "O"),
    ] {
        assert_eq!(run(title, configuration, mass), element, "{title} {configuration} {mass}");
    }
    let by_title = "type 2 is S by TITEL  = PAW_PBE S 08Apr2002, but O by";
    assert_eq!(run("S", "O: s2p4", "16.000"), format!("{by_title} VRHFIN = O: s2p4"));
    assert_eq!(run("S", "r : s2p4", "16.000"), format!("{by_title} POMASS = 16.000"));
}

/// A file in which gzip stores a text without compressing it, so that a place in the one is a place in the other.
fn stored(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_compressed_file_that_is_cut_gives_the_steps_before() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("vasp_breaks.gz");
    let open =
        |settings: &ReadSettings| StructureReader::open(&Input::File(path.clone()), None, settings).unwrap();
    for (file, inside, behind) in [
        ("OUTCAR_relaxation", "Iteration      3(   2)", "Iteration      3(   1)"),
        ("vasprun.xml", "-23.49995000", " <calculation>"),
    ] {
        let text = fixture(file);
        let bytes = stored(&text);
        let begin = bytes.windows(20).position(|bytes| text.as_bytes().starts_with(bytes)).unwrap();
        let (_, told) = first_and_third();
        for (part, reason) in [
            (inside, "3: it is incomplete: the compressed file ends early"),
            (behind, "3: what follows is not read: the compressed file ends early"),
        ] {
            // behind the end of step 2 the line of dashes has begun at most
            let end = text.rfind(part).unwrap();
            fs::write(&path, &bytes[..begin + end]).unwrap();
            let expected = (vec![-21.5], [told.clone(), vec![reason.to_owned()]].concat());
            assert_eq!(kept(&Outcome::of(open(&ReadSettings::default()))), expected, "{file} {part}");
        }
        // Nothing of the text is lost with the checksum, but nothing says that all of it is there, either.
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(Outcome::of(open(&ReadSettings::default())).energies(), [-21.5, -23.5]);
        let strict = ReadSettings { strict: true, keep_unconverged: true, ..ReadSettings::default() };
        let error = open(&strict).find_map(Result::err).unwrap().to_string();
        assert!(error.contains("cannot read: the compressed file ends early: "), "{error}");
    }
    fs::remove_file(path).unwrap();
}

#[test]
fn a_calculation_with_rows_for_other_atoms_is_left_out() {
    let whole = fixture("vasprun.xml");
    let calculation = whole.find(" <calculation>").unwrap();
    for (table, expected) in [
        ("forces", "1: expected 3 forces (atominfo), got 2"),
        ("positions", "1: expected 3 positions (atominfo), got 2"),
        ("basis", "1: expected 3 vectors of the basis, got 2"),
    ] {
        let start = calculation + whole[calculation..].find(&format!("<varray name=\"{table}\"")).unwrap();
        let row = start + whole[start..].find("<v>").unwrap();
        let end = row + whole[row..].find("</v>").unwrap() + "</v>".len();
        let text = format!("{}{}", &whole[..row], &whole[end..]);
        let (energies, told) = read(&text, Format::VASPRUN);
        assert_eq!(energies, [-23.5], "{table}");
        assert_eq!(told, [expected, "2: the electrons did not converge"]);
    }
}
