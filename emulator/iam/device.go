package iam

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"github.com/xemu-aws/xemu/emulator/wire"
	"github.com/xemu-aws/xemu/store"
)

// The lists of MFA devices, certificates, SSH keys and service-specific credentials. The operations that would make one
// answer NotImplemented, so the lists are empty; tools read them before they delete a user.
var deviceOps = wire.Ops(
	wire.Op((*Service).ListMFADevices, on(aUser, "UserName")),
	wire.Op((*Service).ListVirtualMFADevices, under("mfa")),
	wire.Op((*Service).ListSigningCertificates, on(aUser, "UserName")),
	wire.Op((*Service).ListSSHPublicKeys, on(aUser, "UserName")),
	wire.Op((*Service).ListServiceSpecificCredentials, on(aUser, "UserName")),
)

// subjectExists returns NoSuchEntity when the user that is asked about does not exist.
func (s *Service) subjectExists(ctx context.Context, name *string) error {
	return s.store.View(ctx, func(tx *store.Tx) error {
		_, err := subjectOf(ctx, tx, name)
		return err
	})
}

// ListMFADevices returns none.
func (s *Service) ListMFADevices(ctx context.Context, in *iam.ListMFADevicesInput) (*iam.ListMFADevicesOutput, error) {
	return answer(&iam.ListMFADevicesOutput{MFADevices: []types.MFADevice{}}, s.subjectExists(ctx, in.UserName))
}

// ListVirtualMFADevices returns none.
func (s *Service) ListVirtualMFADevices(context.Context, *iam.ListVirtualMFADevicesInput) (*iam.ListVirtualMFADevicesOutput, error) {
	return &iam.ListVirtualMFADevicesOutput{VirtualMFADevices: []types.VirtualMFADevice{}}, nil
}

// ListSigningCertificates returns none.
func (s *Service) ListSigningCertificates(ctx context.Context, in *iam.ListSigningCertificatesInput) (*iam.ListSigningCertificatesOutput, error) {
	return answer(&iam.ListSigningCertificatesOutput{Certificates: []types.SigningCertificate{}}, s.subjectExists(ctx, in.UserName))
}

// ListSSHPublicKeys returns none.
func (s *Service) ListSSHPublicKeys(ctx context.Context, in *iam.ListSSHPublicKeysInput) (*iam.ListSSHPublicKeysOutput, error) {
	return answer(&iam.ListSSHPublicKeysOutput{SSHPublicKeys: []types.SSHPublicKeyMetadata{}}, s.subjectExists(ctx, in.UserName))
}

// ListServiceSpecificCredentials returns none.
func (s *Service) ListServiceSpecificCredentials(ctx context.Context, in *iam.ListServiceSpecificCredentialsInput) (*iam.ListServiceSpecificCredentialsOutput, error) {
	return answer(&iam.ListServiceSpecificCredentialsOutput{
		ServiceSpecificCredentials: []types.ServiceSpecificCredentialMetadata{},
	}, s.subjectExists(ctx, in.UserName))
}
