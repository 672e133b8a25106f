"""Writes the OUTCAR and vasprun.xml files of this folder: python make_fixtures.py

Their layout is that of VASP 5.4 and 6.3, cut down to what belongs to structures and labels; the numbers are made up.
"""

from pathlib import Path

HERE = Path(__file__).parent

HEADER = """\
 vasp.{version} (build Aug 12 2022 00:53:59) complex

 INCAR:
 POTCAR:    PAW_PBE Mg_pv 13Apr2007
 POTCAR:    PAW_PBE O 08Apr2002
 POTCAR:    PAW_PBE Mg_pv 13Apr2007
   VRHFIN =Mg: p6s2
   TITEL  = PAW_PBE Mg_pv 13Apr2007
   POMASS =   24.305; ZVAL   =    8.000    mass and valenz
 POTCAR:    PAW_PBE O 08Apr2002
   VRHFIN =O: s2p4
   TITEL  = PAW_PBE O 08Apr2002
   POMASS =   16.000; ZVAL   =    6.000    mass and valenz

   number of dos      NEDOS =    301   number of ions     NIONS =      3
   ions per type =               2   1
   NELM   =      3;   NELMIN=  2; NELMDL= -5     # of ELM steps
   EDIFF  = 0.1E-03   stopping-criterion for ELM

      direct lattice vectors                 reciprocal lattice vectors
     9.000000000  0.000000000  0.000000000     0.111111111  0.000000000  0.000000000
     0.000000000  9.000000000  0.000000000     0.000000000  0.111111111  0.000000000
     0.000000000  0.000000000  9.000000000     0.000000000  0.000000000  0.111111111
"""

ITERATION = """\
--------------------------------------- Iteration {step:6}({scf:4})  ---------------------------------------
  free energy    TOTEN  =        {energy:.8f} eV
  energy without entropy =       {energy:.8f}  energy(sigma->0) =      {energy:.8f}
"""

STRESS = """\
  FORCE on cell =-STRESS in cart. coord.  units (eV):
  Direction    XX          YY          ZZ          XY          YZ          ZX
  Total       0.10000     0.20000     0.30000     0.04000     0.05000     0.06000
  in kB      {stress}
  external pressure =       50.66 kB  Pullay stress =        0.00 kB

 VOLUME and BASIS-vectors are now :
      direct lattice vectors                 reciprocal lattice vectors
{vectors}
  length of vectors
"""

ATOMS = """\
 POSITION                                       TOTAL-FORCE (eV/Angst){mark}
 -----------------------------------------------------------------------------------
{rows}
 -----------------------------------------------------------------------------------
    total drift:                               -0.027614      0.070888     -0.101921
"""

ENERGY = """\
  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)
  ---------------------------------------------------
  free  energy   TOTEN  = {free:21.8f} eV

  energy  without entropy= {without:19.8f}  energy(sigma->0) = {zero:19.8f}
"""

ML_ENERGY = """\
  ML FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)
  free  energy ML TOTEN  =       -99.00000000 eV

  ML energy  without entropy=      -99.00000000  ML energy(sigma->0) =      -99.00000000
"""

REACHED = "------------------------ aborting loop because EDIFF is reached ----------------------------------------\n"
NOT_REACHED = (
    "------------------------ aborting loop EDIFF was not reached (unconverged) -----------------------------\n"
)
MAGNETIZATION = """\
 magnetization (x)

# of ion       s       p       d       tot
------------------------------------------
    1        0.000   0.000   0.001   0.001
    2        0.000   0.000   0.001   0.001
    3        0.000   0.000   0.002   0.002
--------------------------------------------------
tot          0.000   0.000   0.004   0.004
"""


def cell(step):
    """The lattice of a step: one number touches the next, as in the columns of VASP."""
    return [[4.0 + 0.125 * step, 0.0, 0.0], [0.5, 4.25, -10.5], [0.0, 10.25, 0.25]]


def rows(step):
    """Positions and forces."""
    return [[0.5 * atom + 0.125 * step, 1.25 * atom, -0.75, 0.25, -1.5 * atom, 0.0625 * step] for atom in range(3)]


def stress(step):
    """Stress in kB: XX YY ZZ XY YZ ZX."""
    return [77.5 + step, 12.25, -6.5, 2.5, 9.25, -60.125]


def energies(step):
    """Free energy, without entropy, extrapolated to zero smearing."""
    return -20.5 - step, -20.25 - step, -20.375 - step


def outcar_step(step, end, scf=2, magnetic=False):
    """One ionic step; `end` says how its electronic loop ends."""
    text = "".join(ITERATION.format(step=step, scf=k + 1, energy=-1.0 - k) for k in range(scf)) + end
    vectors = "\n".join("   " + "".join(f"{x:13.9f}" for x in row) + "   " + 3 * "  0.100000000" for row in cell(step))
    text += STRESS.format(stress=" ".join(f"{x:11.5f}" for x in stress(step)), vectors=vectors)
    table = "\n".join(
        " ".join(f"{x:12.5f}" for x in row[:3]) + "   " + " ".join(f"{x:13.6f}" for x in row[3:]) for row in rows(step)
    )
    text += (MAGNETIZATION if magnetic else "") + ATOMS.format(rows=table, mark="")
    free, without, zero = energies(step)
    return text + ENERGY.format(free=free, without=without, zero=zero)


def outcars():
    """OUTCAR of a relaxation in VASP 6, of molecular dynamics in VASP 5, and with VASP's own force field."""
    relaxation = HEADER.format(version="6.3.2 27Jun22")
    relaxation += outcar_step(1, REACHED, magnetic=True) + outcar_step(2, NOT_REACHED, 3) + outcar_step(3, REACHED)
    dynamics = HEADER.format(version="5.4.4.18Apr17-6-g9f103f2a35")
    dynamics += outcar_step(1, REACHED) + outcar_step(2, "", 3) + outcar_step(3, REACHED)
    table = "\n".join(6 * "     9.00000" for _ in range(3))
    predicted = ATOMS.format(rows=table, mark=" (ML)") + ML_ENERGY
    force_field = HEADER.format(version="6.4.2") + outcar_step(1, REACHED) + 2 * predicted + outcar_step(2, REACHED)
    return {"OUTCAR_relaxation": relaxation, "OUTCAR_dynamics": dynamics, "OUTCAR_force_field": force_field}


def varray(name, table):
    """A table of vasprun.xml."""
    lines = "\n".join("   <v>" + "".join(f"{x:17.8f}" for x in row) + " </v>" for row in table)
    return f'  <varray name="{name}" >\n{lines}\n  </varray>\n'


def calculation(step, scf, change):
    """A calculation of vasprun.xml; its last energies are wrong where some versions of VASP write wrong ones."""

    def energy(values):
        names = ["e_fr_energy", "e_wo_entrp", "e_0_energy"]
        return (
            "  <energy>\n"
            + "".join(f'   <i name="{n}">{v:17.8f} </i>\n' for n, v in zip(names, values))
            + "  </energy>\n"
        )

    free, without, zero = energies(step)
    text = " <calculation>\n"
    for k in range(scf):
        off = change * (scf - 1 - k)
        text += '  <scstep>\n   <time name="total">    0.10    0.10</time>\n'
        text += energy([free + off, without + off, zero + off]) + "  </scstep>\n"
    basis = cell(step)
    # fractional positions that are exact in eight decimals
    fractional = [[0.25 * atom, 0.125 * step, 0.5] for atom in range(3)]
    text += "  <structure>\n   <crystal>\n" + varray("basis", basis) + varray("rec_basis", basis) + "   </crystal>\n"
    text += varray("positions", fractional) + "  </structure>\n"
    text += varray("forces", [row[3:] for row in rows(step)])
    xx, yy, zz, xy, yz, zx = stress(step)
    text += varray("stress", [[xx, xy, zx], [xy, yy, yz], [zx, yz, zz]])
    return text + energy([free, free, 0.0]) + " </calculation>\n"


def vasprun():
    """vasprun.xml of a relaxation of three steps, the second of which does not converge."""
    atoms = "".join(
        f"    <rc><c>{name:2}</c><c>{kind:4} </c></rc>\n" for name, kind in [("Mg", 1), ("Mg", 1), ("O", 2)]
    )
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<modeling>\n'
    text += ' <generator>\n  <i name="version" type="string">6.3.2 </i>\n </generator>\n'
    text += ' <incar>\n  <i type="string" name="SYSTEM"> Mg2O &amp; co</i>\n'
    text += '  <i type="int" name="NELM">     3</i>\n </incar>\n'
    text += " <kpoints>\n" + varray("kpointlist", [[0.0, 0.0, 0.0]]) + varray("weights", [[1.0]]) + " </kpoints>\n"
    text += ' <parameters>\n  <i type="int" name="NELM">     3</i>\n'
    text += '  <i name="EDIFF">      0.00010000</i>\n </parameters>\n'
    text += (
        ' <atominfo>\n  <atoms>       3 </atoms>\n  <array name="atoms" >\n   <field type="string">element</field>\n'
    )
    text += "   <set>\n" + atoms + "   </set>\n  </array>\n </atominfo>\n"
    text += ' <structure name="initialpos" >\n  <crystal>\n' + varray("basis", cell(0)) + "  </crystal>\n"
    text += varray("positions", 3 * [[9.0, 9.0, 9.0]]) + " </structure>\n"
    text += calculation(1, 2, 0.00005) + calculation(2, 3, 0.5) + calculation(3, 2, 0.00005)
    return text + ' <structure name="finalpos" >\n </structure>\n</modeling>\n'


if __name__ == "__main__":
    for file, contents in outcars().items():
        (HERE / file).write_text(contents)
    (HERE / "vasprun.xml").write_text(vasprun())
