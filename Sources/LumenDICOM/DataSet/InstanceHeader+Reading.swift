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
    try readImage(set, pixels, limits)
    readGeometry(set)
    readValues(set)
    readDimension(set)
    try readFunctionalGroups(set, limits)
    if framePositions.isEmpty, frames > 1 { readDoseGrid(set) }
    mosaic = Mosaic(set, imageType: imageType, orientation: imageOrientation)
    if modality == "PT" { pet = PETAcquisition(set) }
    // Two readings of the same file have to agree before pixels are taken from there unparsed.
    let agree =
      switch handle.pixelLocation?.content {
      case .native(let bytes):
        pixels.encapsulated == 0 && bytes == Int(pixels.length)
          && (transferSyntax == .implicitVRLittleEndian || transferSyntax == .explicitVRLittleEndian)
      case .fragments(let count): pixels.encapsulated != 0 && count == Int(pixels.fragments)
      case nil: false
      }
    if agree { pixelLocation = handle.pixelLocation }
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
    studyTime = set.text(.studyTime)
    studyID = set.localText(.studyID)
    referringPhysicianName = set.localText(.referringPhysicianName)
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

  private mutating func readImage(_ set: DataSet, _ pixels: cdcm_pixels, _ limits: Limits) throws(ImageError) {
    columns = set.integer(.columns) ?? 0
    rows = set.integer(.rows) ?? 0
    let claimed = set.text(.numberOfFrames)
    if !claimed.isEmpty {
      guard let n = set.integer(.numberOfFrames), n >= 0 else {
        throw ImageError(.malformed, "Number of Frames \(Tag.numberOfFrames) is not a whole number")
      }
      guard n <= limits.frames else {
        throw ImageError(
          .limitExceeded, "Number of Frames \(Tag.numberOfFrames) is \(n), the limit is \(limits.frames)")
      }
      // What is made for every frame costs more than the claim: many have to be there, a bit or a fragment each.
      let room = pixels.encapsulated != 0 ? Int(pixels.fragments) : Int(clamping: min(pixels.length, 1 << 40) * 8)
      guard n <= limits.dimension || n <= room || !transferSyntax.isReadable else {
        throw ImageError(
          .malformed, "Number of Frames \(Tag.numberOfFrames) is \(n), the pixel data has room for \(room) at most",
          hint: "the transfer was probably cut; fetch the instance again")
      }
      frames = max(1, n)
    }
    samplesPerPixel = set.integer(.samplesPerPixel) ?? 1
    photometricInterpretation = set.text(.photometricInterpretation)
    bitsAllocated = set.integer(.bitsAllocated) ?? 0
    floatBits = pixels.kind == 2 ? 32 : pixels.kind == 3 ? 64 : 0
    if floatBits > 0 { bitsAllocated = floatBits }
    bitsStored = set.integer(.bitsStored) ?? bitsAllocated
    highBit = set.integer(.highBit) ?? bitsStored - 1
    isSigned = set.integer(.pixelRepresentation) == 1
    planarConfiguration = set.integer(.planarConfiguration) ?? 0
    hasOverlayBits =
      pixels.encapsulated != 0 && bitsStored < bitsAllocated
      && stride(from: UInt16(0x6000), to: 0x6020, by: 2).contains { set.integer(Tag($0, 0x0102)) ?? 0 > highBit }
    if let padding = set.integer(.pixelPaddingValue) { pixelPaddingValue = padding }
  }

  private mutating func readGeometry(_ set: DataSet) {
    imagePosition = place(set)
    imageOrientation = orientation(set)
    pixelSpacing = spacing(set)
    if pixelSpacing == nil, let atDetector = Self.spacing(set.numbers(.imagerPixelSpacing)) {
      pixelSpacing = atDetector
      isSpacingAtDetector = true
    }
    if let ratio = Self.spacing(set.numbers(.pixelAspectRatio)), ratio.x != ratio.y {
      pixelAspect = ratio / min(ratio.x, ratio.y)
    }
    sliceThickness = set.number(.sliceThickness).flatMap { $0.isDistance ? $0 : nil }
    spacingBetweenSlices = set.number(.spacingBetweenSlices).flatMap { abs($0).isDistance ? abs($0) : nil }
  }

  private mutating func readValues(_ set: DataSet) {
    rescaleSlope = set.number(.rescaleSlope) ?? 1
    rescaleIntercept = set.number(.rescaleIntercept) ?? 0
    hasModalityLUT = set.first(.modalityLUTSequence) != nil
    hasRealWorldValues = set.first(.realWorldValueMappingSequence) != nil
    doseGridScaling = set.number(.doseGridScaling)
    windowCenter = set.number(.windowCenter)
    windowWidth = set.number(.windowWidth)
  }

  /// PS3.3 C.7.6.16: shared values first, then those of each frame.
  private mutating func readFunctionalGroups(_ set: DataSet, _ limits: Limits) throws(ImageError) {
    if let shared = set.first(.sharedFunctionalGroupsSequence) {
      if let measures = shared.first(.pixelMeasuresSequence) { readMeasures(measures) }
      if let orientation = shared.first(.planeOrientationSequence) {
        imageOrientation = self.orientation(orientation) ?? imageOrientation
      }
      if let position = shared.first(.planePositionSequence) {
        imagePosition = place(position) ?? imagePosition
      }
      if let values = shared.first(.pixelValueTransformationSequence) {
        rescaleSlope = values.number(.rescaleSlope) ?? rescaleSlope
        rescaleIntercept = values.number(.rescaleIntercept) ?? rescaleIntercept
      }
      if shared.first(.realWorldValueMappingSequence) != nil { hasRealWorldValues = true }
      readDimension(group: shared, &dimension)
    }
    var positions: [SIMD3<Double>] = [], rescales: [SIMD2<Double>] = [], count = 0
    var orientations: [ImageOrientation] = [], dimensions: [FrameDimension] = [], spacings: [SIMD2<Double>] = []
    let shared = pixelSpacing
    var frame = set.first(.perFrameFunctionalGroupsSequence)
    while let group = frame, count < frames {
      if let measures = group.first(.pixelMeasuresSequence) {
        if count == 0 { readMeasures(measures) }
        spacings.append(spacing(measures) ?? shared ?? SIMD2(1, 1))
      } else if let shared {
        spacings.append(shared)
      }
      if let own = group.first(.planeOrientationSequence), let orientation = orientation(own) {
        if count == 0 { imageOrientation = orientation }
        if let first = imageOrientation, !first.isClose(to: orientation) { orientationVaries = true }
        orientations.append(orientation)
      }
      if count == 0, group.first(.realWorldValueMappingSequence) != nil { hasRealWorldValues = true }
      if frames > 1 {
        var own = dimension
        readDimension(group: group, &own)
        dimensions.append(own)
      }
      if let own = group.first(.planePositionSequence), let position = place(own) {
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
    if orientationVaries && orientations.count == frames { frameOrientations = orientations }
    if dimensions.count == frames && Set(dimensions).count > 1 { frameDimensions = dimensions }
    if positions.count == frames && frames > 1 { framePositions = positions }
    if positions.count != frames && !positions.isEmpty { placedFrames = positions.count }
    if spacings.count == frames, spacings.contains(where: { $0 != spacings[0] }) { framePixelSpacings = spacings }
    if rescales.count == frames, let first = rescales.first {
      rescaleSlope = first.x
      rescaleIntercept = first.y
      if rescales.contains(where: { $0 != first }) { frameRescale = rescales }
    }
  }

  /// The axes of a 4-D image, of a single-frame object.
  private mutating func readDimension(_ set: DataSet) {
    dimension.imageType = imageType
    dimension.echoNumber = echoNumber
    dimension.echoTime = set.number(.echoTime)
    dimension.temporalPosition = temporalPosition
    dimension.acquisitionNumber = acquisitionNumber
    dimension.triggerTime = set.number(.triggerTime)
    dimension.time =
      DICOMTime.secondsOfDay(set.text(.acquisitionTime)) ?? DICOMTime.secondsOfDay(set.text(.contentTime))
    if modality == "MR" { dimension.bValue = Self.bValue(set) }
    concatenationUID = set.text(.concatenationUID)
    concatenationOffset = max(0, set.integer(.concatenationFrameOffsetNumber) ?? 0)
  }

  /// Diffusion b-value: of the standard, else Siemens (0019,100C), GE (0043,1039), Philips (2001,1003).
  private static func bValue(_ set: DataSet) -> Double? {
    if let b = set.number(.diffusionBValue) { return b }
    if set.text(Tag(0x0019, 0x0010)).hasPrefix("SIEMENS"), let b = set.privateNumber(Tag(0x0019, 0x100C)) { return b }
    // GE adds a multiple of 10^9 or 10^8 to it.
    if set.text(Tag(0x0043, 0x0010)).hasPrefix("GEMS_PARM"), let b = set.privateNumber(Tag(0x0043, 0x1039)) {
      return b.truncatingRemainder(dividingBy: 100_000)
    }
    if set.text(Tag(0x2001, 0x0010)).hasPrefix("Philips") { return set.privateNumber(Tag(0x2001, 0x1003)) }
    return nil
  }

  /// The axes of a 4-D image, of a functional group.
  private func readDimension(group: DataSet, _ own: inout FrameDimension) {
    if let content = group.first(.frameContentSequence) {
      own.stack = content.text(.stackID)
      own.temporalPosition = content.integer(.temporalPositionIndex) ?? own.temporalPosition
      own.indices = (content.numbers(.dimensionIndexValues) ?? []).map { Int(min(max($0, 0), 1e9)) }
    }
    for sequence: Tag in [.mrImageFrameTypeSequence, .ctImageFrameTypeSequence, .petFrameTypeSequence] {
      if let type = group.first(sequence)?.text(.frameType), !type.isEmpty { own.imageType = type }
    }
    if let map = group.first(.mrMetaboliteMapSequence)?.text(.metaboliteMapDescription), !map.isEmpty {
      own.imageType += "\\\(map)"
    }
    own.echoTime = group.first(.mrEchoSequence)?.number(.effectiveEchoTime) ?? own.echoTime
    own.bValue = group.first(.mrDiffusionSequence)?.number(.diffusionBValue) ?? own.bValue
    own.triggerTime =
      group.first(.cardiacSynchronizationSequence)?.number(.nominalCardiacTriggerDelayTime) ?? own.triggerTime
  }

  private mutating func readMeasures(_ measures: DataSet) {
    pixelSpacing = spacing(measures) ?? pixelSpacing
    sliceThickness = measures.number(.sliceThickness).flatMap { $0.isDistance ? $0 : nil } ?? sliceThickness
    spacingBetweenSlices =
      measures.number(.spacingBetweenSlices).flatMap { abs($0).isDistance ? abs($0) : nil } ?? spacingBetweenSlices
  }

  /// PS3.3 C.8.8.3.2: frames of an RT Dose lie at offsets along the normal.
  private mutating func readDoseGrid(_ set: DataSet) {
    guard let offsets = set.numbers(.gridFrameOffsetVector), offsets.count == frames, offsets.allSatisfy(\.isPlace),
      let first = offsets.first,
      let position = imagePosition, let orientation = imageOrientation
    else { return }
    framePositions = offsets.map { position + orientation.normal * ($0 - first) }
  }

  /// Image Position of a data set; noted where it is there and cannot be one.
  private mutating func place(_ set: DataSet) -> SIMD3<Double>? {
    noted(set.vector(.imagePositionPatient), .positionMalformed, set, .imagePositionPatient)
  }

  /// Image Orientation of a data set; noted where it is there and cannot be one.
  private mutating func orientation(_ set: DataSet) -> ImageOrientation? {
    noted(
      Self.orientation(set.numbers(.imageOrientationPatient)), .orientationMalformed, set, .imageOrientationPatient)
  }

  /// Pixel Spacing of a data set; noted where it is there and cannot be one.
  private mutating func spacing(_ set: DataSet) -> SIMD2<Double>? {
    noted(Self.spacing(set.numbers(.pixelSpacing)), .pixelSpacingMalformed, set, .pixelSpacing)
  }

  private mutating func noted<Value>(
    _ value: Value?, _ kind: GeometryFinding.Kind, _ set: DataSet, _ tag: Tag
  ) -> Value? {
    if value == nil, !set.text(tag).isEmpty { malformedGeometry.insert(kind) }
    return value
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
    guard let v = values, v.count == 2, v[0].isDistance, v[1].isDistance else { return nil }
    return SIMD2(v[0], v[1])
  }
}

extension Double {
  /// Whether it can be a coordinate, mm: within a kilometre of the origin. False for NaN.
  var isPlace: Bool { abs(self) <= 1e6 }
  /// Whether it can be the distance of pixels or slices, mm: a nanometre to a kilometre. False for NaN.
  var isDistance: Bool { self >= 1e-6 && self <= 1e6 }
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
