// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM

/// A number with so many decimals.
private func fixed(_ value: Double, _ digits: Int = 0) -> String {
  let scale = (0..<digits).reduce(1) { n, _ in n * 10 }
  let n = Int((abs(value) * Double(scale)).rounded())
  let tail = digits == 0 ? "" : "." + String(String(scale + n % scale).dropFirst())
  return (value < 0 && n != 0 ? "-" : "") + "\(n / scale)" + tail
}

/// The page that says what every fixture is, with figures of what was just computed.
func readme(
  _ cases: [(spec: CaseSpec, phantom: Phantom)], _ sums: [(path: String, sum: String, bytes: Int)]
) -> String {
  var rows = ""
  for (spec, phantom) in cases {
    rows += "| `\(spec.folder)` | \(spec.patientID), study \(spec.study + 1) | "
    rows += spec.isBroken ? "(broken)" : spec.className
    rows +=
      " | \(spec.syntax.name) | \(spec.layout.rawValue) | \(fixed(spec.spacing, 2)) | \(fixed(phantom.diameter, 1)) | "
    rows += "\(phantom.mask.count) | \(fixed(phantom.mean)) | \(fixed(phantom.deviation)) |\n"
  }
  /// One line a group: its bytes and the checksum of its lines in SHA256SUMS.
  func line(_ name: String, _ what: String, _ isMember: (String) -> Bool) -> String {
    let members = sums.filter { isMember($0.path) }
    let lines = members.map { "\($0.sum)  \($0.path)\n" }.joined()
    let sum = members.count == 1 ? members[0].sum : sha256(Array(lines.utf8))
    let bytes = members.reduce(0) { $0 + $1.bytes }
    return "| `\(name)` | \(what) | \(members.count) | \(fixed(Double(bytes) / 1000)) | `\(sum)` |\n"
  }
  var files = ""
  for (spec, _) in cases {
    let folder = "cohort/\(spec.folder)/"
    let what = spec.isBroken ? "series with two slices missing and three cut" : "series of \(Phantom.slices) slices"
    files += line(folder, what) { $0.hasPrefix(folder) }
  }
  files += line("cohort/*.txt", "a text among the images") { $0.hasPrefix("cohort/") && $0.hasSuffix(".txt") }
  files += line("cohort-labels.csv", "class of every complete series") { $0 == "cohort-labels.csv" }
  files += line("masks/", "true lesions") { $0.hasPrefix("masks/") }
  for (path, what) in [
    ("radiograph-grey8.png", "grey, 8 bits"), ("radiograph-grey16.png", "grey, 16 bits"), ("radiograph-rgb.png", "RGB"),
    ("radiograph-grey.jpg", "grey"), ("radiograph-rgb.jpg", "RGB"),
  ] {
    files += line("images/" + path, "synthetic radiograph, \(what)") { $0 == "images/" + path }
  }
  for (path, what) in [
    ("cut.png", "first half of a PNG"), ("cut.jpg", "first half of a JPEG"), ("cut.nii", "first half of a NIfTI"),
    ("cut.nii.gz", "first half of a compressed NIfTI"), ("cut.dcm", "first half of a DICOM image"),
    ("lying-size.png", "IHDR claims 65535 × 65535"), ("lying-size.nii", "header claims 32767³ voxels"),
    ("lying-size.dcm", "Rows and Columns claim 65535"), ("empty.dcm", "no bytes"), ("text.dcm", "a text"),
  ] {
    files += line("malformed/" + path, what) { $0 == "malformed/" + path }
  }
  return """
    # Fixtures

    Everything here was computed by this project (`Tools/make-fixtures`) and is under its licence, Apache-2.0. No patient,
    scanner or other data set is behind it; names, dates and identifiers are invented. `make-fixtures` writes this page too.

        swift run -c release make-fixtures fixtures      # the same bytes on every run
        (cd fixtures && sha256sum --check SHA256SUMS)

    The numbers come from integer hashes and IEEE 754 arithmetic without library functions, so pixels do not depend on the
    machine. Compressed bytes also depend on the version of zlib, libpng, libjpeg and DCMTK (Debian 12 here).

    ## cohort: a small study

    Computed CT of a child-sized chest: air −1000 HU, skin and fat, muscle, ribs, spine, heart, liver, lungs of about
    −850 HU with vessels, a table, partial volume at every edge (three samples along each slice) and noise of 10–13 HU
    correlated in the plane. \(Phantom.side) × \(Phantom.side) pixels, \(Phantom.slices) slices of 2.5 mm. Each case has one solid lobulated nodule in a
    lung, at least two voxels of lung away from everything else that is solid.

    Two classes differ in **texture** only: *homogeneous* (fine and weak), *heterogeneous* (coarse and strong, most with a
    necrotic core). Size, place and mean overlap. `case-07` (homogeneous) and `case-10` (heterogeneous) are borderline.
    FIXTURE-03 (`case-03`, `case-13`) and FIXTURE-08 (`case-08`, `case-14`) have two studies half a year apart; the nodule
    grows. Studies of one patient must stay on one side when a model is validated.

    Simple segmentation: of the voxels of −300 HU and more the largest component is the body with the table, the second
    largest the nodule. `masks/` holds the true regions (half of the voxel or more is nodule), on the grid of the image.

    `cohort-labels.csv`: `id` (Series Instance UID), `case` (folder), `patient` (Patient ID), `class`.
    `case-15` must be reported as broken while all others pass; `readme first.txt` is to be passed over.
    `case-04` and `case-11` store HU + 1024 (Rescale Intercept −1024), `case-10` is turned by 11.4° about the z axis,
    instance numbers of `case-09` run downwards, file names of `case-04` are shuffled, those of `case-07` lack a suffix.

    | case | patient | class | transfer syntax | files | pixel mm | diameter mm | voxels | mean HU | sd HU |
    |---|---|---|---|---|---|---|---|---|---|
    \(rows)
    Diameter (sphere of the same volume) and voxels are those of the true region; mean and standard deviation those of its
    voxels that are nodule throughout, noise included. Voxels at the edge mix with lung: resegment (−150 … 250 HU) before texture
    is measured.

    ## All files

    SHA-256 of the file; for a folder, of its lines in `SHA256SUMS` (sorted by path).

    | file | what | files | kB | SHA-256 |
    |---|---|---|---|---|
    \(files)
    """
}
