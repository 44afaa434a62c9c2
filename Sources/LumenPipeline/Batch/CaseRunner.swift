// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM
import LumenFormats
import LumenLearning
import LumenRadiomics
import LumenStore

/// Takes one image through the recipe: read → prepare → mask → features → finding → mask and picture on disk.
struct CaseRunner: Sendable {
  let recipe: Recipe
  let recipeHash: String
  let columns: [FeatureColumn]
  /// Folder of the case's files.
  let output: String
  /// Where files are decoded; nil: in this process.
  let workers: WorkerPool?

  /// Runs one case; a failure becomes part of the result.
  func callAsFunction(_ image: ImageSource, input: String) -> CaseResult {
    var result = CaseResult(
      id: image.id, source: image.source, modality: image.modality, recipe: recipeHash, input: input)
    do throws(ImageError) {
      try measure(image, into: &result)
    } catch {
      result.error = error.description
      result.regions = []
    }
    return result
  }

  private func measure(_ image: ImageSource, into result: inout CaseResult) throws(ImageError) {
    let (stored, notes) = try image.read(recipe.reading, workers: workers)
    result.notes = notes
    let volume = try recipe.prepared(stored)
    let regions = try self.regions(of: image, volume, notes: &result.notes)
    let measuring = try recipe.measuring(volume)
    var measured: [DICOMResults.Measured] = [], drawn: [(name: String, mask: Mask)] = [], failure: ImageError?
    for (name, mask) in regions {
      var region = CaseResult.Region(roi: name, voxels: mask.count, values: [:])
      do throws(ImageError) {
        guard region.voxels > 0 else {
          throw ImageError(
            .invalidParameter, "the region \"\(name)\" is empty", hint: "check the recipe's segmentation")
        }
        let values = try measuring.features(in: mask)
        region.finding = try finding(values)
        region.values = Dictionary(values.map { ($0.column.key, shortest($0.value)) }) { first, _ in first }
        measured.append(DICOMResults.Measured(name: name, region: .unknown, values: values))
        drawn.append((name, mask))
      } catch {
        region.error = error.description
        failure = failure ?? error
      }
      result.regions.append(region)
    }
    if let failure, drawn.isEmpty { throw failure }
    try Files.makeFolder(output)
    try writeMask(of: image, drawn, notes: &result.notes)
    try writeResults(of: image, drawn, &measured, notes: &result.notes)
    if let (_, mask) = drawn.first {
      var qc = QCPicture(window: Self.window(of: image))
      qc.inverted = image.header?.photometricInterpretation == "MONOCHROME1"
      let picture = qc(stored.float, mask: mask)
      try Files.write(PNG.encode(picture), to: "\(output)/qc.png")
    }
  }

  /// One label map of the regions; of regions that overlap a Segmentation, where the image has a study for it.
  private func writeMask(
    of image: ImageSource, _ regions: [(name: String, mask: Mask)], notes: inout [String]
  ) throws(ImageError) {
    let map: LabelMap
    do throws(ImageError) { map = try LabelMap(regions) } catch {
      guard error.kind == .invalidParameter else { throw error }
      guard case .series(let series) = image.content, let results = try? DICOMResults(series) else {
        notes.append("no mask.nii.gz: \(error.what)")
        return
      }
      notes.append("\(DICOMResults.Kind.segmentation.fileName) instead of mask.nii.gz: \(error.what)")
      if recipe.results.contains(.segmentation) { return }
      notes += try results.writeSegmentation(regions, to: "\(output)/\(DICOMResults.Kind.segmentation.fileName)").notes
      return
    }
    try ImageFile.write(map, to: "\(output)/mask.nii.gz")
  }

  /// The DICOM objects that the recipe asks for, in the study of a DICOM image.
  private func writeResults(
    of image: ImageSource, _ regions: [(name: String, mask: Mask)], _ measured: inout [DICOMResults.Measured],
    notes: inout [String]
  ) throws(ImageError) {
    guard !recipe.results.isEmpty else { return }
    guard case .series(let series) = image.content, let results = try? DICOMResults(series) else {
      notes.append("no DICOM results: the image has no study to write them into")
      return
    }
    func path(_ kind: DICOMResults.Kind) -> String { "\(output)/\(kind.fileName)" }
    if recipe.results.contains(.segmentation) {
      let written = try results.writeSegmentation(regions, to: path(.segmentation))
      for n in measured.indices { measured[n].region = .segment(written.object, number: n + 1) }
      notes += written.notes
    }
    if recipe.results.contains(.structureSet) {
      let own = try results.writeStructureSet(regions, to: path(.structureSet))
      notes += own.filter { !notes.contains($0) }
    }
    if recipe.results.contains(.report) {
      try results.writeReport(measured, recipe: recipeHash, to: path(.report))
    }
  }

  /// The regions to measure, with the names that they have in tables.
  func regions(
    of image: ImageSource, _ volume: AnyVolume, notes: inout [String]
  ) throws(ImageError) -> [(name: String, mask: Mask)] {
    guard let mask = recipe.mask else { return [(recipe.roi, try recipe.segment.mask(of: volume))] }
    let files = mask == Recipe.linkedMask ? image.regionFiles : [Discovery.maskPath(of: image.path, pattern: mask)]
    guard !files.isEmpty else {
      throw ImageError(
        .notFound, "no Segmentation or RT Structure Set refers to this series",
        hint: "put it below the same input, or name mask files by a pattern")
    }
    var series: Series?
    if case .series(let content) = image.content { series = content }
    let placing = RegionSource.Placing(on: series, resample: recipe.resampleMask, anyFrame: recipe.anyFrame)
    var regions: [(name: String, mask: Mask)] = []
    for file in files {
      let (drawn, found) = try RegionReader(workers: workers).draw(
        file, recipe.regions, on: volume.geometry, placing)
      notes += found
      for (region, mask) in drawn {
        let name = region.isNamed ? region.name : drawn.count == 1 ? recipe.roi : "\(recipe.roi) \(region.number)"
        let repeats = regions.count { $0.0 == name || $0.0.hasPrefix("\(name) #") }
        regions.append((repeats == 0 ? name : "\(name) #\(repeats + 1)", mask))
      }
    }
    return regions
  }

  private func finding(_ values: [FeatureValue]) throws(ImageError) -> CaseResult.Finding? {
    guard let (path, hash, model) = recipe.model else { return nil }
    let inputs = Dictionary(values.map { ($0.column.key, $0.value) }) { first, _ in first }
    do {
      let p = try model.predict(inputs)
      return CaseResult.Finding(probability: p.probability, label: p.label, outsideRange: p.outsideRange, model: hash)
    } catch { throw error.at(path) }
  }

  /// The window that the file gives, where its unit is known (HU); other modalities often carry one of no use.
  private static func window(of image: ImageSource) -> ClosedRange<Double>? {
    guard let header = image.header, header.modality == "CT", let centre = header.windowCenter,
      let width = header.windowWidth, width > 1
    else { return nil }
    return (centre - width / 2)...(centre + width / 2)
  }
}

extension CaseResult {
  /// The records of the case store: one a region, one for a failure.
  func records(_ image: ImageSource, columns: [FeatureColumn], roi: String, at time: String) -> [CaseRecord] {
    let header = image.header
    func known(_ text: String?, or substitute: String) -> String {
      text.flatMap { $0.isEmpty ? nil : $0 } ?? substitute
    }
    // Anonymised series of one study stay with one nameless patient; a file without a study is its own.
    let study = known(header?.studyInstanceUID, or: "file \(id)")
    func record(
      _ roi: String, _ values: [FeatureValue], _ findings: [FindingRecord], error: String?
    ) -> CaseRecord {
      CaseRecord(
        patient: PatientRecord(
          id: known(header?.patientID, or: "unnamed \(ImageSource.id(ofKey: study))"), name: header?.patientName ?? "",
          sex: header?.patientSex ?? "",
          birthDate: header?.patientBirthDate ?? ""),
        study: StudyRecord(
          uid: study, date: header?.studyDate ?? "",
          description: header?.studyDescription ?? "", accession: header?.accessionNumber ?? ""),
        series: SeriesRecord(
          uid: image.key, number: header?.seriesNumber, modality: modality,
          description: header?.seriesDescription ?? "", geometry: notes.joined(separator: "; "), source: source),
        roi: roi, recipeHash: recipe, values: values, findings: findings, status: error == nil ? "ok" : "failed",
        error: error ?? "", at: time)
    }
    if let error { return [record(roi, [], [], error: error)] }
    return zip(regions, rows(columns: columns)).map { region, row in
      let findings = region.finding.map { finding in
        FindingRecord(
          kind: "model",
          text: finding.label + (finding.outsideRange.isEmpty ? "" : ", outside the training range"),
          probability: finding.probability, model: finding.model,
          disclaimer: Software.disclaimer)
      }
      return record(region.roi, row.1, findings.map { [$0] } ?? [], error: region.error)
    }
  }
}
