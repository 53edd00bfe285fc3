"""How the heads are made: corpus, fit, calibration, figures. Nothing here is imported by the gate."""
