// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import LumenCore

extension InstanceHeader {
  /// Reads the header of an open file.
  ///
  /// - Throws: `malformed` when the data set is none of an instance: no SOP Class, no SOP Instance and no image.
  init(_ handle: DICOMHandle, path: String, limits: Limits) throws(ImageError) {
    self.init()
    let set = try handle.dataSet
    self.path = path
    transferSyntax = handle.transferSyntax
    sopClassUID = set.text(.sopClassUID)
    sopInstanceUID = set.text(.sopInstanceUID)
    let pixels = handle.pixelInfo
    hasPixelData = pixels.kind != 0 && (pixels.encapsulated != 0 ? pixels.fragments > 0 : pixels.length > 0)
    let isImage = pixels.kind != 0 && set.has(.rows) && set.has(.columns)
    guard !sopClassUID.isEmpty || !sopInstanceUID.isEmpty || isImage else {
      throw ImageError(.malformed, "has no SOP Class, no SOP Instance and no image: not a DICOM instance")
    }
    readPatientAndSeries(set)
    try readImage(set, pixelKind: pixels.kind, limits)
    readGeometry(set)
    readValues(set)
    try readFunctionalGroups(set, limits)
    if framePositions.isEmpty, frames > 1 { readDoseGrid(set) }
  }

  private mutating func readPatientAndSeries(_ set: DataSet) {
    patientID = set.localText(.patientID)
    patientName = set.localText(.patientName)
    patientSex = set.text(.patientSex)
    patientBirthDate = set.text(.patientBirthDate)
    studyInstanceUID = set.text(.studyInstanceUID)
    studyDate = set.text(.studyDate)
    studyDescription = set.localText(.studyDescription)
    accessionNumber = set.localText(.accessionNumber)
    seriesInstanceUID = set.text(.seriesInstanceUID)
    seriesNumber = set.integer(.seriesNumber)
    seriesDescription = set.localText(.seriesDescription)
    modality = set.text(.modality)
    manufacturer = set.localText(.manufacturer)
    frameOfReferenceUID = set.text(.frameOfReferenceUID)
    instanceNumber = set.integer(.instanceNumber)
    acquisitionNumber = set.integer(.acquisitionNumber)
    echoNumber = set.integer(.echoNumbers)
    temporalPosition = set.integer(.temporalPositionIdentifier)
    imageType = set.text(.imageType)
    units = set.text(.units)
  }

  private mutating func readImage(_ set: DataSet, pixelKind: Int32, _ limits: Limits) throws(ImageError) {
    columns = set.integer(.columns) ?? 0
    rows = set.integer(.rows) ?? 0
    let claimed = set.text(.numberOfFrames)
    if !claimed.isEmpty {
      guard let n = set.integer(.numberOfFrames), n >= 0 else {
        throw ImageError(.malformed, "Number of Frames \(Tag.numberOfFrames) is not a whole number")
      }
      frames = max(1, n)
    }
    samplesPerPixel = set.integer(.samplesPerPixel) ?? 1
    photometricInterpretation = set.text(.photometricInterpretation)
    bitsAllocated = set.integer(.bitsAllocated) ?? 0
    floatBits = pixelKind == 2 ? 32 : pixelKind == 3 ? 64 : 0
    if floatBits > 0 { bitsAllocated = floatBits }
    bitsStored = set.integer(.bitsStored) ?? bitsAllocated
    highBit = set.integer(.highBit) ?? bitsStored - 1
    isSigned = set.integer(.pixelRepresentation) == 1
    planarConfiguration = set.integer(.planarConfiguration) ?? 0
    if let padding = set.integer(.pixelPaddingValue) { pixelPaddingValue = padding }
  }

  private mutating func readGeometry(_ set: DataSet) {
    imagePosition = set.vector(.imagePositionPatient)
    imageOrientation = Self.orientation(set.numbers(.imageOrientationPatient))
    pixelSpacing =
      Self.spacing(set.numbers(.pixelSpacing)) ?? Self.spacing(set.numbers(.imagerPixelSpacing))
    sliceThickness = set.number(.sliceThickness).flatMap { $0 > 0 ? $0 : nil }
    spacingBetweenSlices = set.number(.spacingBetweenSlices).flatMap { $0 != 0 ? abs($0) : nil }
  }

  private mutating func readValues(_ set: DataSet) {
    rescaleSlope = set.number(.rescaleSlope) ?? 1
    rescaleIntercept = set.number(.rescaleIntercept) ?? 0
    hasModalityLUT = set.first(.modalityLUTSequence) != nil
    doseGridScaling = set.number(.doseGridScaling)
    windowCenter = set.number(.windowCenter)
    windowWidth = set.number(.windowWidth)
  }

  /// PS3.3 C.7.6.16: shared values first, then those of each frame.
  private mutating func readFunctionalGroups(_ set: DataSet, _ limits: Limits) throws(ImageError) {
    if let shared = set.first(.sharedFunctionalGroupsSequence) {
      if let measures = shared.first(.pixelMeasuresSequence) { readMeasures(measures) }
      if let orientation = shared.first(.planeOrientationSequence) {
        imageOrientation = Self.orientation(orientation.numbers(.imageOrientationPatient)) ?? imageOrientation
      }
      if let position = shared.first(.planePositionSequence) {
        imagePosition = position.vector(.imagePositionPatient) ?? imagePosition
      }
      if let values = shared.first(.pixelValueTransformationSequence) {
        rescaleSlope = values.number(.rescaleSlope) ?? rescaleSlope
        rescaleIntercept = values.number(.rescaleIntercept) ?? rescaleIntercept
      }
    }
    var positions: [SIMD3<Double>] = [], rescales: [SIMD2<Double>] = [], count = 0
    var frame = set.first(.perFrameFunctionalGroupsSequence)
    while let group = frame, count < min(frames, limits.dimension) {
      if count == 0, let measures = group.first(.pixelMeasuresSequence) { readMeasures(measures) }
      if let own = group.first(.planeOrientationSequence),
        let orientation = Self.orientation(own.numbers(.imageOrientationPatient))
      {
        if count == 0 { imageOrientation = orientation }
        if let first = imageOrientation, !first.isClose(to: orientation) { orientationVaries = true }
      }
      if let own = group.first(.planePositionSequence), let position = own.vector(.imagePositionPatient) {
        positions.append(position)
      }
      if let own = group.first(.pixelValueTransformationSequence) {
        rescales.append(
          SIMD2(own.number(.rescaleSlope) ?? rescaleSlope, own.number(.rescaleIntercept) ?? rescaleIntercept))
      }
      count += 1
      frame = set.next(.perFrameFunctionalGroupsSequence, after: group)
    }
    if let first = positions.first { imagePosition = first }
    if positions.count == frames && frames > 1 { framePositions = positions }
    if rescales.count == frames, let first = rescales.first {
      rescaleSlope = first.x
      rescaleIntercept = first.y
      if rescales.contains(where: { $0 != first }) { frameRescale = rescales }
    }
  }

  private mutating func readMeasures(_ measures: DataSet) {
    pixelSpacing = Self.spacing(measures.numbers(.pixelSpacing)) ?? pixelSpacing
    sliceThickness = measures.number(.sliceThickness).flatMap { $0 > 0 ? $0 : nil } ?? sliceThickness
    spacingBetweenSlices =
      measures.number(.spacingBetweenSlices).flatMap { $0 != 0 ? abs($0) : nil } ?? spacingBetweenSlices
  }

  /// PS3.3 C.8.8.3.2: frames of an RT Dose lie at offsets along the normal.
  private mutating func readDoseGrid(_ set: DataSet) {
    guard let offsets = set.numbers(.gridFrameOffsetVector), offsets.count == frames, let first = offsets.first,
      let position = imagePosition, let orientation = imageOrientation
    else { return }
    framePositions = offsets.map { position + orientation.normal * ($0 - first) }
  }

  /// Two unit vectors at a right angle; nil for anything that is not.
  static func orientation(_ values: [Double]?) -> ImageOrientation? {
    guard let v = values, v.count == 6 else { return nil }
    var row = SIMD3(v[0], v[1], v[2]), column = SIMD3(v[3], v[4], v[5])
    let (a, b) = (dot(row, row).squareRoot(), dot(column, column).squareRoot())
    guard abs(a - 1) < 0.01, abs(b - 1) < 0.01, abs(dot(row, column)) < 0.01 else { return nil }
    row /= a
    column /= b
    return ImageOrientation(row: row, column: column)
  }

  static func spacing(_ values: [Double]?) -> SIMD2<Double>? {
    guard let v = values, v.count == 2, v[0] > 0, v[1] > 0 else { return nil }
    return SIMD2(v[0], v[1])
  }
}

extension ImageOrientation {
  /// Right-handed normal of the image plane: the direction in which slices are stacked.
  public var normal: SIMD3<Double> {
    let n = cross(row, column)
    return n / dot(n, n).squareRoot()
  }

  /// Whether every direction cosine agrees within 1e-3.
  func isClose(to other: ImageOrientation) -> Bool {
    let a = row - other.row, b = column - other.column
    return max(abs(a.x), abs(a.y), abs(a.z), abs(b.x), abs(b.y), abs(b.z)) <= 1e-3
  }
}
