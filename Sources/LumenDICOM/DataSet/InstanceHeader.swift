// SPDX-License-Identifier: Apache-2.0

/// Unit vectors of increasing column and row index in LPS, PS3.3 C.7.6.2.1.1.
public struct ImageOrientation: Sendable, Hashable, Codable {
  /// Along a row: direction of increasing column index.
  public var row: SIMD3<Double>
  /// Down a column: direction of increasing row index.
  public var column: SIMD3<Double>

  /// An orientation from its two unit vectors.
  public init(row: SIMD3<Double>, column: SIMD3<Double>) {
    self.row = row
    self.column = column
  }
}

/// Everything scanning and stacking need, read without pixel data.
///
/// Absent text is "", absent numbers are nil or their DICOM default. Values of functional groups stand in where an
/// enhanced multi-frame object keeps them there.
public struct InstanceHeader: Sendable, Equatable, Codable {
  /// Where it was read.
  public var path = ""
  /// Encoding of the file.
  public var transferSyntax = TransferSyntax.implicitVRLittleEndian
  /// SOP Class UID.
  public var sopClassUID = ""
  /// SOP Instance UID.
  public var sopInstanceUID = ""

  /// Patient ID.
  public var patientID = ""
  /// Patient's Name, UTF-8.
  public var patientName = ""
  /// Patient's Sex.
  public var patientSex = ""
  /// Patient's Birth Date, YYYYMMDD.
  public var patientBirthDate = ""
  /// Study Instance UID.
  public var studyInstanceUID = ""
  /// Study Date, YYYYMMDD.
  public var studyDate = ""
  /// Study Description.
  public var studyDescription = ""
  /// Accession Number.
  public var accessionNumber = ""
  /// Study Time.
  public var studyTime = ""
  /// Study ID.
  public var studyID = ""
  /// Referring Physician's Name.
  public var referringPhysicianName = ""
  /// Series Instance UID.
  public var seriesInstanceUID = ""
  /// Series Number.
  public var seriesNumber: Int?
  /// Series Description.
  public var seriesDescription = ""
  /// Modality.
  public var modality = ""
  /// Manufacturer.
  public var manufacturer = ""
  /// Frame of Reference UID.
  public var frameOfReferenceUID = ""
  /// Instance Number.
  public var instanceNumber: Int?
  /// Acquisition Number.
  public var acquisitionNumber: Int?
  /// Echo Number(s), the first.
  public var echoNumber: Int?
  /// Temporal Position Identifier.
  public var temporalPosition: Int?
  /// Image Type, values separated by backslashes.
  public var imageType = ""
  /// What the instance measures besides its place: echo, b-value, time …
  public var dimension = FrameDimension()
  /// The same of every frame of an enhanced multi-frame object; else empty.
  public var frameDimensions: [FrameDimension] = []
  /// Concatenation UID of a multi-frame object that was cut into several files.
  public var concatenationUID = ""
  /// Place of the first frame in the whole concatenation.
  public var concatenationOffset = 0

  /// Columns; 0 without image.
  public var columns = 0
  /// Rows; 0 without image.
  public var rows = 0
  /// Number of Frames.
  public var frames = 1
  /// Samples per Pixel.
  public var samplesPerPixel = 1
  /// Photometric Interpretation.
  public var photometricInterpretation = ""
  /// Bits Allocated.
  public var bitsAllocated = 0
  /// Bits Stored.
  public var bitsStored = 0
  /// High Bit.
  public var highBit = 0
  /// Whether compressed pixels may have overlays (retired) in bits above High Bit.
  public var hasOverlayBits = false
  /// Pixel Representation: stored values are two's complement.
  public var isSigned = false
  /// Planar Configuration: 0 interleaved, 1 plane after plane.
  public var planarConfiguration = 0
  /// Pixel Padding Value.
  public var pixelPaddingValue: Int?
  /// Whether there are pixels of any kind.
  public var hasPixelData = false
  /// Whether stored values are Float (32) or Double (64) instead of integers; 0 for integers.
  public var floatBits = 0

  /// Image Position (Patient) of the first frame: centre of its first pixel, LPS mm.
  public var imagePosition: SIMD3<Double>?
  /// Image Orientation (Patient).
  public var imageOrientation: ImageOrientation?
  /// Pixel Spacing as in the standard: distance of rows, distance of columns, mm.
  public var pixelSpacing: SIMD2<Double>?
  /// Pixel Aspect Ratio as spacings, the smaller one 1; nil when absent or square.
  public var pixelAspect: SIMD2<Double>?
  /// Slice Thickness, mm.
  public var sliceThickness: Double?
  /// Spacing Between Slices, mm.
  public var spacingBetweenSlices: Double?
  /// Position of every frame of a multi-frame object; empty where they are not known.
  public var framePositions: [SIMD3<Double>] = []
  /// How many frames of a multi-frame object have a position, where it is not all of them.
  public var placedFrames: Int?
  /// Attributes of the geometry that are there but cannot be true.
  public var malformedGeometry: Set<GeometryFinding.Kind> = []
  /// Pixel spacing of every frame where they vary; else empty.
  public var framePixelSpacings: [SIMD2<Double>] = []
  /// Whether the frames of a multi-frame object point in different directions.
  public var orientationVaries = false
  /// Orientation of every frame where they vary; else empty.
  public var frameOrientations: [ImageOrientation] = []
  /// Whether the spacing is that at the detector (Imager Pixel Spacing), which magnification makes too large.
  public var isSpacingAtDetector = false
  /// The tiles of a Siemens mosaic.
  public var mosaic: Mosaic?

  /// Rescale Slope, 1 when absent.
  public var rescaleSlope = 1.0
  /// Rescale Intercept, 0 when absent.
  public var rescaleIntercept = 0.0
  /// Slope and intercept of every frame where they differ; else empty.
  public var frameRescale: [SIMD2<Double>] = []
  /// Whether a Modality LUT Sequence replaces slope and intercept.
  public var hasModalityLUT = false
  /// Units of a PET image: BQML, CNTS …
  public var units = ""
  /// What uptake values are computed from; nil for anything but PET.
  public var pet: PETAcquisition?
  /// Whether there is a Real World Value Mapping.
  public var hasRealWorldValues = false
  /// Dose Grid Scaling of an RT Dose: Gy (or relative dose) a stored unit.
  public var doseGridScaling: Double?
  /// Window Center, the first.
  public var windowCenter: Double?
  /// Window Width, the first.
  public var windowWidth: Double?

  /// Where pixels lie in the file; nil where a reader has to look.
  public var pixelLocation: PixelLocation?

  /// An empty header.
  public init() {}

  /// Distance of slices that the header promises, mm; 1 without.
  var nominalSpacing: Double { spacingBetweenSlices ?? sliceThickness ?? 1 }
  /// Bytes a sample as decoded.
  var bytesPerSample: Int { bitsAllocated <= 8 ? 1 : bitsAllocated <= 16 ? 2 : bitsAllocated <= 32 ? 4 : 8 }
  /// Slope and intercept of a frame.
  func rescale(frame: Int) -> SIMD2<Double> {
    frame < frameRescale.count ? frameRescale[frame] : SIMD2(rescaleSlope, rescaleIntercept)
  }
  /// Whether it holds colour: three samples, or indices of a palette.
  public var isColour: Bool { samplesPerPixel > 1 || photometricInterpretation == "PALETTE COLOR" }
}
