"""Exchange of data: official data files become scenario fragments, and results become tables for other software."""
