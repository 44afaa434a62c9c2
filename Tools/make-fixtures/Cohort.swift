// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM
import LumenFormats

/// Writes the cohort: DICOM series in irregular folders, true masks, class labels. Gives what was computed of each case.
func writeCohort(to root: String) throws(ImageError) -> [(spec: CaseSpec, phantom: Phantom)] {
  var cases: [(spec: CaseSpec, phantom: Phantom)] = []
  var labels = csvLine(["id", "case", "patient", "class"])
  try Files.makeFolder(root + "/masks")
  for spec in CaseSpec.cohort {
    let phantom = Phantom(spec)
    cases.append((spec, phantom))
    try writeSeries(phantom.image, spec, to: "\(root)/cohort/\(spec.folder)")
    if spec.isBroken { continue }
    try NIfTI.write(.u8(phantom.mask.voxels), to: "\(root)/masks/\(spec.folder).nii.gz")
    labels += csvLine([spec.seriesUID, spec.folder, spec.patientID, spec.className])
  }
  try Files.write(labels, to: root + "/cohort-labels.csv")
  try Files.write(
    """
    This file is no image. It lies in the cohort as such files do on real disks,
    and a batch has to pass over it without failing.

    """, to: root + "/cohort/readme first.txt")
  return cases
}

private func writeSeries(_ image: Volume<Int16>, _ spec: CaseSpec, to folder: String) throws(ImageError) {
  for z in 0..<image.size.slices {
    // The broken case: two slices never arrived, three were cut in the middle of their pixels.
    if spec.isBroken && (z == 17 || z == 18) { continue }
    let slice = image.cropped(columns: 0..<image.size.columns, rows: 0..<image.size.rows, slices: z..<z + 1)
    let intercept = Int16(spec.intercept)
    var instance = ImageInstance(pixels: slice.map { $0 - intercept })
    instance.patientID = spec.patientID
    instance.patientName = spec.patientName
    instance.patientSex = spec.patient % 2 == 0 ? "F" : "M"
    instance.patientBirthDate = "20120229"
    instance.studyInstanceUID = spec.studyUID
    instance.studyID = "\(spec.study + 1)"
    instance.studyDate = spec.studyDate
    instance.studyDescription = "COMPUTED CHEST PHANTOM"
    instance.accessionNumber = "FX\(1000 + spec.number)"
    instance.seriesInstanceUID = spec.seriesUID
    instance.seriesNumber = spec.number % 3 + 1
    instance.seriesDescription = "CHEST 2.5 MM"
    instance.frameOfReferenceUID = spec.frameUID
    instance.manufacturer = "Lumen make-fixtures"
    instance.sopInstanceUID = spec.instanceUID(z)
    instance.instanceNumber = spec.layout == .reversed ? image.size.slices - z : z + 1
    instance.rescaleIntercept = spec.intercept
    instance.windowCenter = -500
    instance.windowWidth = 1500
    let path = "\(folder)/\(spec.path(z))"
    try Files.makeFolder(path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"))
    try DICOMWriter.write(instance, to: path, transferSyntax: spec.syntax)
    if spec.isBroken && (z == 9 || z == 22 || z == 23) {
      let bytes = try Files.read(path)
      try Files.write(Array(bytes.prefix(bytes.count * 6 / 10)), to: path)
    }
  }
}
